"""Each absolute prohibition: what meets it, its reason class, and that only naming it exactly lifts it."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from quorate.core.chains.effects import VOCABULARY, blind, effect
from quorate.core.model.charter.policy_forms import LIFTABLE, OPERATIONS
from quorate.core.model.charter.policy_types import Lift, Policy
from quorate.core.policy.prohibitions import BY_NAME, PROHIBITIONS
from tests.core.policy.builders import (
    OWN,
    REQUEST,
    SHOP,
    STRANGER,
    TOKEN,
    allow,
    approval_of,
    ask,
    fee,
    pays,
    refuse,
)

SAFE_CALL = "0x8d80ff0a"
LOOKALIKE = SHOP[:7] + "1" * 29 + SHOP[-6:]
RAW_OPERATIONS = tuple(name for name in OPERATIONS if name != "RAW")


@dataclass(frozen=True)
class Hit:
    """An effect, what it meets, and a subject that lifts it; `others` are near misses of that subject."""

    prohibition: str
    reason: str
    effect: dict[str, Any]
    subject: str
    others: tuple[str, ...] = ()


def admin(type: str, **members: object) -> dict[str, object]:
    return effect(type, **members)


HITS = [
    Hit(
        "durable_nonce",
        "durable_nonce",
        admin("durable_nonce", nonce_account="N", nonce_authority="A"),
        "N",
        ("A",),
    ),
    Hit(
        "nonce_advance_not_first",
        "durable_nonce",
        admin("nonce_advance_not_first", nonce_account="N", position=1),
        "N",
        ("1",),
    ),
    Hit(
        "delegatecall",
        "delegatecall",
        admin("delegatecall", to=STRANGER, selector=SAFE_CALL),
        STRANGER,
        (SHOP, SAFE_CALL, f"{STRANGER} 0xa9059cbb"),
    ),
    Hit(
        "delegation_7702",
        "delegation_7702",
        admin("delegation_7702", authority=OWN, delegate=STRANGER, chain_id="1", nonce="0"),
        STRANGER,
        (OWN, f"{STRANGER} any_chain"),
    ),
    Hit(
        "delegation_7702",
        "delegation_7702",
        admin("delegation_7702", authority=OWN, delegate=STRANGER, chain_id="0", nonce="0"),
        f"{STRANGER} any_chain",
        (STRANGER,),
    ),
    Hit(
        "upgrade",
        "upgrade",
        admin("upgrade", contract=TOKEN, implementation=STRANGER),
        f"{TOKEN} {STRANGER}",
        (TOKEN, STRANGER, f"{TOKEN} {SHOP}"),
    ),
    Hit(
        "ownership_change",
        "ownership_change",
        admin("ownership_change", contract=TOKEN, new_owner=STRANGER, method="transferOwnership(address)"),
        f"{TOKEN} {STRANGER}",
        (TOKEN, f"{STRANGER} {TOKEN}"),
    ),
    Hit(
        "authority_change",
        "authority_change",
        admin("authority_change", account="A", authority_type="stake", new_authority="B"),
        "A B",
        ("A", "A C"),
    ),
    Hit(
        "authority_change",
        "authority_change",
        {"type": "authority_change", "account": "A", "authority_type": "keepers", "new_authority": None},
        "A -",
        ("A", "A None"),
    ),
    Hit(
        "permission_update",
        "permission_update",
        admin("permission_update", account="T", permission={}),
        "T",
        ("-",),
    ),
    Hit(
        "self_destruct",
        "self_destruct",
        admin("self_destruct", contract=TOKEN, beneficiary=OWN),
        TOKEN,
        (OWN,),
    ),
    Hit("mint", "mint_unbounded", admin("mint", asset="USR", amount="1"), "USR", ("usr", "1")),
    Hit(
        "unlimited_approval",
        "unlimited_approval",
        approval_of(OWN, str(2**256 - 1), unlimited=True),
        f"{OWN} {TOKEN}",
        (OWN, TOKEN),
    ),
    Hit(
        "unlimited_approval",
        "unlimited_approval",
        approval_of(OWN, "all", unlimited=True, revokes=True),
        f"{OWN} {TOKEN}",
        (f"{OWN} {SHOP}",),
    ),
    Hit(
        "approval_to_unknown_spender",
        "approval_to_unknown_spender",
        approval_of(STRANGER),
        STRANGER,
        (SHOP, TOKEN),
    ),
    Hit(
        "approval_to_unknown_spender",
        "approval_to_unknown_spender",
        approval_of(STRANGER, "1", revokes=True),
        STRANGER,
        (SHOP,),
    ),
    Hit(
        "approval_to_unknown_spender",
        "approval_to_unknown_spender",
        approval_of(SHOP),
        SHOP,
        (STRANGER,),
    ),
    Hit("input_amount_unproven", "input_amount_unproven", blind("input_amount_unproven"), "evm:1", ("evm",)),
    Hit(
        "input_amount_unproven",
        "input_amount_unproven",
        {"type": "fee", "asset": "BTC", "amount": None, "unproven": True},
        "evm:1",
    ),
    Hit("inconsistent", "inconsistent", admin("inconsistent", reason="two_amounts"), "two_amounts", ("two",)),
    Hit(
        "sighash_flags",
        "sighash_flags",
        admin("sighash", input=0, sighash_type="0x81", name="ALL|ANYONECANPAY", meaning="inputs are open"),
        "0x81",
        ("0x83", "ALL|ANYONECANPAY"),
    ),
    Hit(
        "change_mismatch",
        "change_mismatch",
        admin("inconsistent", reason="change_mismatch", to="bc1qother"),
        "bc1qother",
        ("change_mismatch",),
    ),
    *(
        Hit(
            "unusual_change_path",
            "unusual_change_path",
            admin("change", asset="BTC", to="bc1q", amount="1", path=path, **more),
            path,
            ("m/84h/0h/0h/1/4",),
        )
        for path, more in (
            ("m/84h/0h/0h/1/1001", {}),
            ("m/84h/0h/0h/2/4", {}),
            ("m/84h/0h/0h/1/4h", {}),
            ("7", {}),
            ("m/84h/0h/0h/1/5", {"unusual_path": True}),
        )
    ),
    Hit(
        "account_close",
        "account_close",
        admin("account_close", account="A", to=STRANGER),
        STRANGER,
        ("A",),
    ),
    Hit("safe_refund", "blind", admin("safe_refund", to=STRANGER), STRANGER, (SHOP,)),
    Hit(
        "blind",
        "blind",
        admin("contract_call", to=STRANGER, selector=SAFE_CALL, blind=True),
        f"{STRANGER} {SAFE_CALL}",
        (STRANGER, f"{STRANGER} 0xa9059cbb", f"{SHOP} {SAFE_CALL}"),
    ),
    Hit("blind", "blind", blind("unresolved_lookup_table"), "reason:unresolved_lookup_table", ("reason",)),
    Hit(
        "blind",
        "blind",
        blind("abi", to=STRANGER, selector=SAFE_CALL),
        f"{STRANGER} {SAFE_CALL}",
        ("reason:abi",),
    ),
    Hit("blind", "blind", {"type": "teleport"}, "reason:unknown_effect_teleport", ("teleport",)),
    Hit(
        "lookalike_destination",
        "lookalike_destination",
        pays(1, LOOKALIKE),
        LOOKALIKE,
        (SHOP,),
    ),
]  # fmt: skip


def lifting(prohibition: str, *subjects: str) -> Any:
    return allow("lifts", operations=RAW_OPERATIONS, lifts=(Lift(prohibition, subjects),))


def test_every_prohibition_is_tried() -> None:
    assert {hit.prohibition for hit in HITS} == {p.name for p in PROHIBITIONS} == set(LIFTABLE)
    assert len(HITS) == 34
    assert {hit.effect["type"] for hit in HITS} - set(VOCABULARY) == {"teleport"}


@pytest.mark.parametrize("hit", HITS, ids=lambda hit: f"{hit.prohibition}-{hit.subject[:12]}")
class TestEach:
    def test_no_rule_reaches_it(self, hit: Hit) -> None:
        decision = ask([allow(operations=RAW_OPERATIONS)], [hit.effect])
        assert (decision.verdict, decision.reason_class) == ("refuse", hit.reason)
        assert decision.rule == f"prohibition:{hit.prohibition}"
        assert BY_NAME[hit.prohibition].reason_class == hit.reason

    def test_beside_a_harmless_payment_it_is_still_met(self, hit: Hit) -> None:
        for effects in ([pays(), hit.effect], [hit.effect, pays()]):
            decision = ask([allow(operations=RAW_OPERATIONS)], [*effects, fee(1)])
            assert decision.rule == f"prohibition:{hit.prohibition}"

    def test_naming_it_exactly_lifts_it(self, hit: Hit) -> None:
        decision = ask([lifting(hit.prohibition, hit.subject)], [hit.effect])
        assert decision.allowed, decision

    def test_by_a_list_too(self, hit: Hit) -> None:
        rule = lifting(hit.prohibition, "list:these")
        assert ask(Policy((rule,), lists={"these": (hit.subject,)}), [hit.effect]).allowed
        assert not ask(Policy((rule,), lists={"these": ()}), [hit.effect]).allowed
        assert not ask(Policy((rule,), lists={"those": (hit.subject,)}), [hit.effect]).allowed

    def test_nothing_else_lifts_it(self, hit: Hit) -> None:
        for other in hit.others:
            assert ask([lifting(hit.prohibition, other)], [hit.effect]).reason_class == hit.reason, other
        wrong = next(name for name in LIFTABLE if name != hit.prohibition)
        assert ask([lifting(wrong, hit.subject)], [hit.effect]).reason_class == hit.reason

    def test_a_rule_that_refuses_lifts_nothing(self, hit: Hit) -> None:
        rule = refuse(operations=RAW_OPERATIONS, lifts=(Lift(hit.prohibition, (hit.subject,)),))
        decision = ask([rule, allow("any", operations=RAW_OPERATIONS)], [hit.effect])
        assert decision.rule == f"prohibition:{hit.prohibition}"

    def test_the_rule_that_matches_must_be_the_one_that_lifts(self, hit: Hit) -> None:
        """Another rule lifts it, for another requester: nothing matched, and the reason stays."""
        elsewhere = replace(lifting(hit.prohibition, hit.subject), requesters=("user-2",))
        decision = ask([allow("any", operations=RAW_OPERATIONS), elsewhere], [hit.effect])
        assert (decision.verdict, decision.rule, decision.reason_class) == ("refuse", "", hit.reason)
        assert decision.trace[0].first_mismatch == "lifts"


@pytest.mark.parametrize(
    "harmless",
    [
        approval_of(STRANGER, "0"),
        approval_of(STRANGER, "0", revokes=True),
        approval_of(STRANGER, "none", revokes=True),
        approval_of(OWN),
        effect("sighash", input=0, sighash_type="0x01", name="ALL", meaning="everything"),
        effect("sighash", input=0, sighash_type="0x00", name="DEFAULT", meaning="everything"),
        effect("change", asset="BTC", to="bc1q", amount="1", path="m/84h/0h/0h/1/1000"),
        effect("change", asset="BTC", to="bc1q", amount="1", path="m/86h/0h/0h/0/0"),
        effect("account_close", account="A", to=OWN),
        effect("contract_call", to=STRANGER, selector=SAFE_CALL, blind=False),
        pays(1, STRANGER),
        effect("memo", text="invoice 17"),
        effect("rbf", signalled=True),
        effect("locktime", value="840000"),
        effect("data", hex="00"),
        effect("permission_id", value="2"),
        effect("blobs", count="2", max_fee_per_blob_gas="7"),
    ],
    ids=lambda harmless: str(harmless["type"]),
)
def test_what_is_not_prohibited(harmless: dict[str, object]) -> None:
    decision = ask([allow(operations=RAW_OPERATIONS)], [harmless])
    assert decision.allowed, decision


def test_a_gap_limit_of_the_policy() -> None:
    change = effect("change", asset="BTC", to="bc1q", amount="1", path="m/84h/0h/0h/1/30")
    assert ask(Policy((allow(),), gap_limit=30), [change]).allowed
    assert ask(Policy((allow(),), gap_limit=29), [change]).reason_class == "unusual_change_path"


def test_bare_digests_are_an_operation() -> None:
    """RAW is lifted by naming RAW."""
    digest = [blind("raw_digest")]
    raw = replace(REQUEST, operation="RAW", paths=((1729, 0),))
    assert ask([allow(operations=RAW_OPERATIONS)], digest, request=raw).reason_class == "raw_digest"
    assert ask([allow(operations=("RAW",))], digest, request=raw).allowed


def test_the_first_of_the_table_is_told_whatever_the_order() -> None:
    effects = [hit.effect for hit in HITS]
    for order in (effects, effects[::-1], effects[7:] + effects[:7]):
        assert ask([allow()], order).rule == "prohibition:durable_nonce"
