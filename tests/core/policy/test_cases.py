"""`explain`: what a request file says in place of charter, tally and evidence, and what is carried over."""

from collections.abc import Mapping
from typing import Any

import pytest

from quorate.core.chains.effects import Decoded, effect
from quorate.core.errors import QuorateError
from quorate.core.model.charter.policy_types import Lift, Policy, Requirement, Window
from quorate.core.policy.cases import explain
from quorate.core.policy.context import SOMEBODY
from quorate.core.policy.explanation import Explanation
from tests.core.policy.builders import OWN, SHOP, STRANGER, TOKEN, allow, approval_of, pays, pays_token, wants

NOW_S = 1_800_000_000
CHAIN = {"family": "evm", "chain_id": "1"}
ANY = Policy((allow(operations=("TRANSFER", "APPROVE", "RAW")),))
ANY_SHOP = Policy((allow(destinations=("whitelist",)),))


def item(*effects: Mapping[str, object], **more: object) -> dict[str, Any]:
    return {"format": "evm-tx", "bytes": "0x", "effects": list(effects), **more}


def read(format: str, data: str, context: Mapping[str, Any], item: Mapping[str, Any]) -> Decoded:
    """A decoder that is told the effects, or the code it fails with."""
    if "fails" in item:
        raise QuorateError(item["fails"], "these bytes are not for it")
    assert context["chain"] == CHAIN
    return Decoded(format, item.get("chain", CHAIN), tuple(item["effects"]), ())


def judged(policy: Policy, *items: Mapping[str, Any], **parts: Any) -> Explanation:
    context = {"whitelist": [SHOP], "own_addresses": [OWN], **parts.pop("context", {})}
    document = {"chain": CHAIN, "context": context, "items": list(items), **parts}
    return explain(policy, document, read, 1000 * NOW_S)


def reasons(explanation: Explanation) -> list[str]:
    return ["-" if found is None else found.reason_class for found in explanation.items]


def test_the_shape_of_the_answer() -> None:
    policy = Policy(
        (allow("small", assets=("native",), max_amount=5), wants(Requirement(threshold=1), "large"))
    )
    context = item(expected_verdict="not_applicable")
    answer = judged(policy, item(pays(5)), context, item(pays(6))).to_json()
    trace = [{"rule": "small", "first_mismatch": "max_amount"}]
    assert answer == {
        "verdict": "approvals",
        "reason_class": "missing_evidence",
        "items": [
            {"verdict": "allow", "reason_class": "", "rule": "small", "trace": []},
            {"verdict": "not_applicable", "reason_class": "", "rule": "", "trace": []},
            {
                "verdict": "approvals",
                "reason_class": "missing_evidence",
                "rule": "large",
                "trace": trace,
                "needs": ["1 of anybody"],
            },
        ],
    }


def test_the_whole_is_as_strict_as_its_strictest_item() -> None:
    assert judged(ANY_SHOP, item(pays()), item(pays(1, SHOP))).verdict == "allow"
    explanation = judged(ANY_SHOP, item(pays()), item(pays(1, STRANGER)))
    assert (explanation.verdict, explanation.reason_class) == ("refuse", "unknown_destination")


# ---- what is carried from one item to the next


def test_windows_see_the_items_before() -> None:
    policy = Policy((allow(assets=("native",), window=Window(60, 20, ())),))
    at = [item(pays(10), at=NOW_S + seconds) for seconds in (0, 60, 60, 121)]
    assert reasons(judged(policy, *at)) == ["", "", "velocity", ""]


def test_what_was_refused_does_not_count() -> None:
    policy = Policy((allow(assets=("native",), max_amount=10, window=Window(60, 20, ())),))
    assert reasons(judged(policy, item(pays(11)), item(pays(10)), item(pays(10)))) == ["amount_limit", "", ""]


def test_what_is_context_does_not_count() -> None:
    policy = Policy((allow(assets=("native",), window=Window(60, 10, ())),))
    context = item(pays(10), expected_verdict="not_applicable")
    assert reasons(judged(policy, context, item(pays(10)))) == ["-", ""]


def test_a_destination_is_known_by_what_was_let_through() -> None:
    policy = Policy((allow("first", first_use_max_amount=1, assets=("native",)),))
    assert reasons(judged(policy, item(pays(2)), item(pays(1)), item(pays(2)))) == ["amount_limit", "", ""]
    assert reasons(judged(policy, item(pays(2)), context={"history": [{"to": SHOP}]})) == [""]


# ---- context


def test_limits_take_the_place_of_the_policys() -> None:
    limits = [{"asset": "native", "per_tx": "10", "rolling": {"seconds": 60, "max": "15"}}]
    explanation = judged(ANY, item(pays(11)), item(pays(10)), item(pays(6)), context={"limits": limits})
    assert reasons(explanation) == ["velocity", "", "velocity"]
    history = [{"to": SHOP, "asset": "native", "amount": "6"}]
    assert reasons(judged(ANY, item(pays(10)), context={"limits": limits, "history": history})) == [
        "velocity"
    ]
    history[0]["at"] = NOW_S - 61  # type: ignore[assignment]
    assert reasons(judged(ANY, item(pays(10)), context={"limits": limits, "history": history})) == [""]


def test_new_destinations_wait() -> None:
    late = item(pays(1, STRANGER), at=NOW_S + 100)
    context: dict[str, Any] = {"new_destination_delay_seconds": 100}
    assert (
        reasons(judged(ANY, item(pays(1, STRANGER)), late, context=context)) == ["new_destination_delay"] * 2
    )
    context["first_seen"] = {STRANGER.lower(): NOW_S}
    explanation = judged(ANY, item(pays(1, STRANGER)), late, item(pays(1, SHOP)), context=context)
    assert reasons(explanation) == ["new_destination_delay", "", ""]


@pytest.mark.parametrize(
    ("name", "rule", "entry", "done"),
    [
        ("known_spenders", {"operations": ("APPROVE",), "lifts": ("approval_to_unknown_spender",)}, STRANGER,
         approval_of()),
        ("trusted_delegatecall", {"operations": ("DELEGATECALL",), "lifts": ("delegatecall",)}, STRANGER,
         effect("delegatecall", to=STRANGER, selector="0x8d80ff0a")),
        ("allowed_delegates", {"operations": ("SET_CODE",), "lifts": ("delegation_7702",)}, STRANGER,
         effect("delegation_7702", authority=OWN, delegate=STRANGER, chain_id="1", nonce="0")),
        ("allowed_messages", {"operations": ("TYPED_MESSAGE",), "messages": ("list:allowed_messages",)},
         "Mail",
         effect("message", kind="typed_data", primary_type="Mail")),
        ("validators", {"operations": ("STAKE",), "destinations": ("list:validators",)}, "VOTE",
         effect("stake_delegate", account="A", vote="VOTE", authority="B")),
        ("allowed_sighash", {"lifts": ("sighash_flags",)}, "0x81 (inputs are open)",
         effect("sighash", input=0, sighash_type="0x81", name="ALL|ANYONECANPAY", meaning="inputs are open")),
    ],
)  # fmt: skip
def test_lists_take_the_place_of_the_policys(
    name: str, rule: dict[str, Any], entry: str, done: dict[str, object]
) -> None:
    lifts = tuple(Lift(prohibition, (f"list:{name}",)) for prohibition in rule.get("lifts", ()))
    policy = Policy((allow(**{**rule, "lifts": lifts or None}),), lists={name: ("nothing",)})
    effects = [done, pays()] if name == "allowed_sighash" else [done]
    assert judged(policy, item(*effects)).verdict == "refuse"
    assert judged(policy, item(*effects), context={name: [entry]}).verdict == "allow"
    assert judged(policy, item(*effects), context={name: []}).verdict == "refuse"


def test_change_and_fees() -> None:
    change = effect("change", asset="BTC", to="bc1q", amount="1", path="m/84h/0h/0h/1/30")
    assert reasons(judged(ANY, item(pays(), change), context={"gap_limit": 29})) == ["unusual_change_path"]
    assert reasons(judged(ANY, item(pays(), change), context={"gap_limit": 30})) == [""]
    cost = {"type": "fee", "asset": "BTC", "amount": "11"}
    assert reasons(judged(ANY, item(pays(), cost), context={"fee_limit_sat": "10"})) == ["fee_excess"]


def test_a_mint_and_its_deposit() -> None:
    lift = (Lift("mint", ("USR",)),)
    rule = allow(operations=("MINT",), assets=("USR",), lifts=lift, max_ratio_to_deposit="1.01")
    deposit = {"asset": TOKEN, "amount": "100000000000", "decimals": 6}
    context = {"deposit": deposit, "decimals": {"USR": 18}}
    for amount, reason in ((101_000 * 10**18, ""), (101_000 * 10**18 + 1, "mint_unbounded")):
        minted = effect("mint", asset="USR", amount=str(amount))
        assert reasons(judged(Policy((rule,)), item(minted), context=context)) == [reason]
    del deposit["decimals"]
    assert reasons(judged(Policy((rule,)), item(minted), context=context)) == ["mint_unbounded"]


def test_what_says_what_is_expected_is_not_read() -> None:
    context = {"lookalike_of": {"address": SHOP}, "per_item": [{"item": 0, "verdict": "refuse"}]}
    marked = item(pays(), expected_verdict="refuse", reason_class="blind", role="the theft")
    assert judged(ANY_SHOP, marked, context=context, expected_verdict="refuse").verdict == "allow"


# ---- evidence


def test_evidence_of_an_item_and_of_the_file() -> None:
    absent = {"requester": {"present": False}, "external_risk_service": {"verdict": "approve"}}
    assert reasons(judged(ANY, item(pays()), item(pays(), evidence=absent))) == ["", "missing_evidence"]
    assert reasons(judged(ANY, item(pays()), context={"evidence": absent})) == ["missing_evidence"]
    assert reasons(judged(ANY, item(pays(), evidence={}), context={"evidence": absent})) == [""]


def test_who_asked_and_who_approved() -> None:
    policy = Policy((wants(Requirement(threshold=1, group="ops"), requesters=("alice",)),))
    asked = {"requester": {"present": True, "person": "alice"}}

    def verdict(*approvals: dict[str, object], groups: object = None) -> str:
        evidence = {**asked, "approvals": list(approvals)}
        return judged(policy, item(pays(), evidence=evidence), context={"groups": groups or {}}).verdict

    assert judged(policy, item(pays())).verdict == "refuse"
    assert verdict() == "approvals"
    assert verdict({"person": "bob", "role": "admin"}) == "approvals"
    assert verdict({"person": "bob", "role": "ops"}) == "allow"
    assert verdict({"person": "bob", "groups": ["ops"]}) == "allow"
    assert verdict({"person": "bob"}, groups={"ops": ["bob"]}) == "allow"
    assert verdict({"person": "alice", "role": "ops"}) == "approvals"
    assert verdict({"person": "bob", "role": "ops"}, {"person": "eve", "verdict": "reject"}) == "refuse"


def test_groups_of_the_requester() -> None:
    policy = Policy((allow(requester_groups=("ops",)),))
    assert judged(policy, item(pays())).verdict == "refuse"
    assert judged(policy, item(pays()), context={"groups": {"ops": [SOMEBODY]}}).verdict == "allow"


def test_what_the_file_requires_comes_on_top() -> None:
    required = {"required": {"approvers": 2, "distinct_from_requester": True}}
    one = {"requester": {"present": True, "person": "ceo"}, "approvals": [{"person": "ceo", "role": "admin"}]}
    assert judged(ANY, item(pays(), evidence={**one, **required})).verdict == "approvals"
    two = {"approvals": [{"person": "a"}, {"person": "b"}]}
    assert judged(ANY, item(pays(), evidence={**two, **required})).verdict == "allow"
    policy = Policy(ANY.rules, approvals=Requirement(threshold=1, group="ops"))
    assert judged(policy, item(pays(), evidence={**two, **required})).verdict == "approvals"


# ---- what was asked for


@pytest.mark.parametrize(
    ("requested", "effects", "reason"),
    [
        ([], [pays()], ""),
        ([pays()], [pays()], ""),
        ([{**pays(), "to": SHOP.lower(), "from": OWN, "note": "x"}], [pays()], ""),
        ([pays()], [pays(), pays_token()], ""),
        ([pays(11)], [pays()], "intent_mismatch"),
        ([pays(10, OWN)], [pays()], "intent_mismatch"),
        ([pays(), pays()], [pays()], "intent_mismatch"),
        ([pays(), pays()], [pays(), pays()], ""),
        ([pays_token()], [pays()], "intent_mismatch"),
        ([{"type": "change", "asset": "native", "to": OWN, "amount": "10"}], [pays()], "change_mismatch"),
        ([{"type": "change", "asset": "native", "to": OWN, "amount": "9"}], [pays()], "change_mismatch"),
        ([{"type": "fee", "asset": "native", "amount": "5"}], [pays()], ""),
        ([{"type": "fee", "asset": "native", "amount": "5"}], [pays(), {"type": "fee", "amount": "6"}],
         "fee_excess"),
    ],
)  # fmt: skip
def test_bytes_must_do_what_was_asked_for(requested: Any, effects: Any, reason: str) -> None:
    assert reasons(judged(ANY, item(*effects), requested={"effects": requested})) == [reason]


def test_the_requesters_own_signature_counts_most() -> None:
    signed = {"to": SHOP, "amount": "10"}
    context = {"intent_signed_by_requester": signed}
    assert reasons(judged(ANY, item(pays()), context=context, requested={"effects": [pays()]})) == [""]
    assert reasons(judged(ANY, item(pays(10, OWN)), context=context)) == ["intent_mismatch"]


def test_bytes_for_another_chain() -> None:
    other = {"family": "evm", "chain_id": "10"}
    assert reasons(judged(ANY, item(pays(), chain=other))) == ["intent_mismatch"]
    assert reasons(judged(ANY, item(pays(), chain={"family": "tron"}))) == ["intent_mismatch"]
    assert reasons(judged(ANY, item(pays(), chain={"family": "evm"}))) == [""]


# ---- what cannot be judged


def test_bytes_that_do_not_decode_are_refused() -> None:
    broken, trailing = item(fails="malformed_transaction"), item(fails="trailing_bytes")
    assert reasons(judged(ANY, broken, trailing)) == ["unknown_message", "trailing_bytes"]


def test_a_format_nobody_decodes_is_bad_input() -> None:
    with pytest.raises(QuorateError) as error:
        judged(ANY, item(fails="format"))
    assert error.value.code == "format"


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"items": []},
        {"items": {}},
        {"items": [1]},
        {"items": [{"format": 1}]},
        {"items": [{"expected_verdict": "not_applicable"}]},
        {"items": [item(pays())], "context": []},
        {"items": [item(pays())], "chain": 1},
        {"items": [item(pays())], "requested": {"effects": [1]}},
        {"items": [item(pays(), evidence=1)]},
        {"items": [item(pays(), path=["x"])]},
        *(
            {"items": [item(pays())], "context": context}
            for context in (
                {"whitelist": "x"},
                {"whitelist": [1]},
                {"limits": [1]},
                {"limits": [{"asset": "native", "per_tx": "-1"}]},
                {"limits": [{"asset": "native", "per_tx": 1.5}]},
                {"limits": [{"asset": "native", "per_tx": True}]},
                {"history": [{"to": SHOP, "amount": "1.0"}]},
                {"history": [{"to": SHOP, "at": "yesterday"}]},
                {"first_seen": {SHOP: 1.5}},
                {"first_seen": []},
                {"new_destination_delay_seconds": "1"},
                {"now": "noon"},
                {"known_spenders": {}},
                {"evidence": {"requester": 1}},
                {"evidence": {"approvals": [1]}},
                {"evidence": {"required": {"approvers": "two"}}},
                {"deposit": {"decimals": "six"}},
            )
        ),
    ],
)
def test_what_is_no_request(document: Any) -> None:
    if isinstance(document, dict):
        document = {"chain": CHAIN, **document}
    with pytest.raises(QuorateError) as error:
        explain(ANY, document, read, 0)
    assert error.value.code == "bad_request"
