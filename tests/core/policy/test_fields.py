"""Each field of a rule by itself: what matches, what does not, and what it means where it is left out."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.core.chains.effects import blind, effect
from quorate.core.model.charter.policy_fields import FIELDS
from quorate.core.model.charter.policy_types import FeeLimit, Hours, Lift, Limit, Policy, Window
from quorate.core.policy import AddressBook, Evidence, TallyView
from quorate.core.policy.addresses import normal
from quorate.core.policy.request import Deposit
from tests.core.policy.builders import (
    BOOK,
    HUGE,
    NOW,
    OWN,
    REQUEST,
    SHOP,
    STRANGER,
    TOKEN,
    allow,
    approval_of,
    ask,
    fee,
    line,
    pays,
    pays_token,
    refuse,
)

CALL = effect("contract_call", to=TOKEN, selector="0x2e1a7d4d", blind=False, value="7")
DESCRIBED = {**CALL, "stated_by": "abi"}
"""Of what it does nothing is known but its arguments."""
TO_STRANGER = {**CALL, "to": STRANGER}
MAIL = effect(
    "message",
    kind="typed_data",
    primary_type="Mail",
    domain={"name": "Ether Mail", "verifyingContract": STRANGER, "chainId": "1"},
)
TEXT = effect("message", kind="personal", text="Hello world")
MINT = effect("mint", asset="USR", amount="101", decimals=2)
MINTS = {"operations": ("MINT",), "assets": ("USR",)}
ONE_TIME = pays(10, STRANGER)
ETH = {"assets": ("ETH",)}
DIGEST = blind("raw_digest")
ON_RAW_BRANCH = replace(REQUEST, paths=((1729, 1),))
USED = TallyView(used=frozenset({normal(SHOP)}))
YOUNG = TallyView(known_ms={normal(SHOP): NOW, normal(OWN): NOW})
DEPOSIT = replace(REQUEST, deposit=Deposit("USDC", 1_000_000, 6))
KNOWN = {normal(STRANGER): NOW - 60_000}

Case = tuple[dict[str, Any], dict[str, object] | list[dict[str, object]], dict[str, Any], bool]

CASES: dict[str, list[Case]] = {
    "requesters": [
        ({"requesters": ("user-1",)}, pays(), {}, True),
        ({"requesters": ("user-2",)}, pays(), {}, False),
    ],
    "requester_groups": [
        ({"requester_groups": ("ops",)}, pays(), {"evidence": Evidence("u", (), frozenset({"ops"}))}, True),
        ({"requester_groups": ("ops",)}, pays(), {"evidence": Evidence("ops")}, False),
    ],
    "operations": [
        ({}, pays(), {}, True),
        ({}, CALL, {}, False),
        ({}, TEXT, {}, False),
        ({"operations": ("CONTRACT_CALL",)}, CALL, {}, True),
        ({"operations": ("CONTRACT_CALL",)}, pays(), {}, False),
        ({"operations": ("CONTRACT_CALL",)}, [CALL, pays()], {}, False),
        ({"operations": ("CONTRACT_CALL", "TRANSFER")}, [CALL, pays()], {}, True),
        ({"operations": ("TYPED_MESSAGE",)}, MAIL, {}, True),
        ({"operations": ("REVOKE",)}, approval_of(STRANGER, "0"), {}, True),
        ({"operations": ("APPROVE",)}, approval_of(STRANGER, "0"), {}, False),
        ({"operations": ("APPROVE",)}, approval_of(OWN, "1"), {}, True),
        ({"operations": ("REVOKE",)}, approval_of(OWN, "1"), {}, False),
        ({}, [fee(1)], {}, False),
        ({"operations": ("OTHER",)}, [fee(1)], {}, True),
        ({"destinations": ("own_account",)}, [effect(
            "change", asset="BTC", to="bc1q", amount="1", path="m/84h/0h/0h/1/4")], {}, True),
    ],
    "raw_on_asset_path": [
        ({"operations": ("RAW",)}, DIGEST, {"request": ON_RAW_BRANCH}, True),
        ({"operations": ("RAW",)}, DIGEST, {}, False),
        ({"operations": ("RAW",), "raw_on_asset_path": True}, DIGEST, {}, True),
        ({"raw_on_asset_path": True}, pays(), {}, True),
    ],
    "sources": [({"sources": ("0", "7")}, pays(), {}, True), ({"sources": ("00",)}, pays(), {}, False)],
    "keys": [({"keys": ("root-ecdsa",)}, pays(), {}, True), ({"keys": ("cold",)}, pays(), {}, False)],
    "paths": [
        ({"paths": ("44/60",)}, pays(), {}, True),
        ({"paths": ("44/6",)}, pays(), {}, False),
        ({"paths": ("44/60/0/0/0",)}, pays(), {}, True),
        ({"paths": ("44/60/0/0/0/0",)}, pays(), {}, False),
        ({"paths": ("44", "84")}, pays(), {"request": replace(REQUEST, paths=((44, 0), (84, 0)))}, True),
        ({"paths": ("44",)}, pays(), {"request": replace(REQUEST, paths=((44, 0), (84, 0)))}, False),
        ({"paths": ("44",)}, pays(), {"request": replace(REQUEST, paths=())}, False),
    ],
    "chains": [
        ({"chains": ("evm:1",)}, pays(), {}, True),
        ({"chains": ("evm",)}, pays(), {}, True),
        ({"chains": ("evm:10", "bitcoin")}, pays(), {}, False),
    ],
    "assets": [
        ({"assets": ("ETH",)}, pays(), {}, True),
        ({"assets": ("ETH",)}, pays_token(), {}, False),
        ({"assets": ("ETH",)}, [pays(), pays_token()], {}, False),
        ({"assets": ("ETH", "USDC")}, [pays(), pays_token()], {}, True),
        ({"assets": (STRANGER,)}, pays_token(1, asset=STRANGER), {}, True),
    ],
    "destinations": [
        ({"destinations": ("whitelist",)}, pays(), {}, True),
        ({"destinations": ("whitelist:shop",)}, pays(), {}, True),
        ({"destinations": ("whitelist:shop",)}, pays(1, SHOP.lower()), {}, True),
        ({"destinations": ("whitelist:bank",)}, pays(), {}, False),
        ({"destinations": ("own_account:3",)}, pays(1, OWN), {}, True),
        ({"destinations": ("own_account", "whitelist")}, [pays(1, OWN), pays()], {}, True),
        ({"destinations": ("own_account", "whitelist")}, [pays(), pays(1, STRANGER)], {}, False),
        ({"destinations": ("one_time",)}, pays(1, STRANGER), {}, True),
        ({"destinations": ("one_time",)}, pays(), {}, False),
        ({"destinations": ("list:known",)}, pays(1, STRANGER), {}, True),
        ({"destinations": ("list:known",)}, pays(), {}, False),
        ({"destinations": ("one_time", "whitelist"), "operations": ("TYPED_MESSAGE",)}, TEXT, {}, False),
    ],
    "contracts": [
        ({"contracts": (TOKEN,), "operations": ("CONTRACT_CALL",)}, CALL, {}, True),
        ({"contracts": (STRANGER,), "operations": ("CONTRACT_CALL",)}, CALL, {}, False),
        ({"contracts": ("list:known",), "operations": ("CONTRACT_CALL",)}, TO_STRANGER, {}, True),
        ({"contracts": (TOKEN,)}, pays(), {}, False),
        ({"contracts": (TOKEN,), "methods": ("0x2e1a7d4d",), "operations": ("CONTRACT_CALL",)},
         DESCRIBED, {}, True),
        ({"methods": ("0x2e1a7d4d",), "operations": ("CONTRACT_CALL",)}, DESCRIBED, {}, False),
    ],
    "methods": [
        ({"methods": ("0x2e1a7d4d",), "operations": ("CONTRACT_CALL",)}, CALL, {}, True),
        ({"methods": ("0xd0e30db0",), "operations": ("CONTRACT_CALL",)}, CALL, {}, False),
        ({"contracts": (TOKEN,), "operations": ("CONTRACT_CALL",)}, DESCRIBED, {}, False),
    ],
    "messages": [
        ({"messages": (name,), "operations": ("TYPED_MESSAGE",)}, message, {}, matches)
        for name, message, matches in (
            ("Mail", MAIL, True),
            ("Mail@Ether Mail", MAIL, True),
            (f"Mail@{STRANGER}", MAIL, True),
            (f"Mail@{SHOP}", MAIL, False),
            ("Permit", MAIL, False),
            ("personal_text", TEXT, True),
            ("personal_text", MAIL, False),
            ("personal_bytes", {"type": "message", "kind": "personal", "hex": "ff"}, True),
            ("personal_text", {"type": "message", "kind": "personal", "hex": "ff"}, False),
            ("list:texts", TEXT, True),
            ("list:texts", MAIL, False),
        )
    ],
    "external_id": [
        ({"external_id": True}, pays(), {"request": replace(REQUEST, external_id="1")}, True),
        ({"external_id": True}, pays(), {}, False),
        ({"external_id": False}, pays(), {}, True),
    ],
    "hours": [  # a Friday, 08:00
        ({"hours": (Hours((4,), 480, 481),)}, pays(), {}, True),
        ({"hours": (Hours((4,), 481, 1440),)}, pays(), {}, False),
        ({"hours": (Hours((4,), 0, 480),)}, pays(), {}, False),
        ({"hours": (Hours((3, 5), 0, 1440), Hours((4,), 0, 481))}, pays(), {}, True),
        ({"hours": (Hours((0, 1, 2, 3, 5, 6), 0, 1440),)}, pays(), {}, False),
        ({"hours": (Hours((4,), 480, 481),)}, pays(), {"now": NOW + 60_000}, False),
        ({"hours": (Hours((5,), 0, 1),)}, pays(), {"now": NOW + 16 * 3_600_000}, True),
        ({"hours": (Hours((3,), 0, 1),)}, pays(), {"now": 59_999}, True),
    ],
    "new_destination_delay": [
        ({"new_destination_delay": 60}, ONE_TIME, {}, False),
        ({"new_destination_delay": 60}, ONE_TIME, {"tally": TallyView(known_ms=KNOWN)}, True),
        ({"new_destination_delay": 61}, ONE_TIME, {"tally": TallyView(known_ms=KNOWN)}, False),
        ({"new_destination_delay": 60}, pays(), {}, True),
        ({"new_destination_delay": 61}, pays(), {"tally": YOUNG}, False),
        ({"new_destination_delay": 61}, pays(1, OWN), {"tally": YOUNG}, True),
    ],
    "max_fee": [
        ({"max_fee": 21}, [pays(), fee(21)], {}, True),
        ({"max_fee": 20}, [pays(), fee(21)], {}, False),
        ({"max_fee": 41}, [pays(), fee(21), fee(21)], {}, False),
        ({"max_fee": 0}, pays(), {}, True),
        ({"max_fee": 0}, [pays(), {"type": "fee", "asset": "TRX", "max_amount": None}], {}, True),
        ({"max_fee": 10**9}, [pays(), {"type": "fee", "asset": "BTC", "amount": "lots"}], {}, False),
    ],
    "max_ratio_to_deposit": [
        ({**MINTS, "max_ratio_to_deposit": "1.01", "lifts": "mint"}, MINT, {"request": DEPOSIT}, True),
        ({**MINTS, "max_ratio_to_deposit": "1.009999", "lifts": "mint"}, MINT, {"request": DEPOSIT}, False),
        ({**MINTS, "max_ratio_to_deposit": "2", "lifts": "mint"}, MINT, {}, False),
        (
            {**MINTS, "max_ratio_to_deposit": "2", "lifts": "mint"},
            effect("mint", asset="USR", amount="1"),
            {"request": DEPOSIT},
            False,
        ),
    ],
    "min_amount": [
        ({"min_amount": 10, **ETH}, pays(), {}, True),
        ({"min_amount": 11, **ETH}, pays(), {}, False),
        ({"min_amount": 11, **ETH}, [pays(5), pays(6, OWN)], {}, True),
        ({"min_amount": HUGE, **ETH}, {**pays(), "amount": "all"}, {}, True),
    ],
    "first_use_max_amount": [
        ({"first_use_max_amount": 10, **ETH}, pays(), {}, True),
        ({"first_use_max_amount": 9, **ETH}, pays(), {}, False),
        ({"first_use_max_amount": 9, **ETH}, [pays(5), pays(5)], {}, False),
        ({"first_use_max_amount": 9, **ETH}, pays(), {"tally": USED}, True),
        ({"first_use_max_amount": 0, **ETH}, pays(1, OWN), {}, True),
    ],
    "max_amount": [
        ({"max_amount": 10, **ETH}, pays(), {}, True),
        ({"max_amount": 9, **ETH}, pays(), {}, False),
        ({"max_amount": 9, **ETH}, [pays(5), pays(5, OWN)], {}, False),
        ({"max_amount": 10**200, **ETH}, pays(10**200), {}, True),
        ({"max_amount": 10**200, **ETH}, pays(10**200 + 1), {}, False),
        ({"max_amount": HUGE, **ETH}, {**pays(), "amount": "all"}, {}, False),
        ({"max_amount": HUGE, **ETH}, [pays(1), {**pays(), "amount": None}], {}, False),
        ({"operations": ("CONTRACT_CALL",), "max_amount": 6, **ETH}, CALL, {}, False),
        ({"operations": ("CONTRACT_CALL",), "max_amount": 7, **ETH}, CALL, {}, True),
        ({"max_amount": 1, "assets": (STRANGER,)}, effect(
            "token_transfer", standard="erc721", asset=STRANGER, to=SHOP, token_id="4711"), {}, True),
    ],
    "window": [
        ({"window": Window(60, 30, ()), **ETH}, pays(), {"tally": [line(1, 20)]}, True),
        ({"window": Window(60, 29, ()), **ETH}, pays(), {"tally": [line(1, 20)]}, False),
        ({"window": Window(60, 19, ()), **ETH}, [pays(), pays(10, OWN)], {}, False),
        ({"window": Window(60, 10, ("destination",)), **ETH}, [pays(), pays(10, OWN)], {}, True),
        ({"window": Window(60, 19, ("destination",)), **ETH}, [pays(), pays()], {}, False),
        ({"window": Window(60, 10, ("destination",)), **ETH}, pays(), {
            "tally": [line(1, 1, destination=SHOP.lower())]}, False),
        ({"window": Window(60, HUGE, ()), **ETH}, {**pays(), "amount": None}, {}, False),
    ],
}  # fmt: skip


def test_every_field_is_tried() -> None:
    """`lifts` has a page of its own."""
    assert set(CASES) | {"lifts"} == {field.name for field in FIELDS}
    assert sum(map(len, CASES.values())) == 127


@pytest.mark.parametrize(
    ("field", "fields", "effects", "more", "matches"),
    [(name, *case) for name, cases in CASES.items() for case in cases],
)
def test_a_field(
    field: str, fields: dict[str, Any], effects: Any, more: dict[str, Any], matches: bool
) -> None:
    if fields.get("lifts") == "mint":
        fields = {**fields, "lifts": (Lift("mint", ("USR",)),)}
    policy = Policy((allow(**fields),), lists={"known": (STRANGER,), "texts": ("personal_text",)})
    decision = ask(policy, effects if isinstance(effects, list) else [effects], **more)
    assert decision.allowed is matches, decision
    if not matches and decision.rule == "":
        assert [entry.first_mismatch for entry in decision.trace] == [field]


@pytest.mark.parametrize(
    ("fields", "effects", "refused"),
    [
        ({}, [pays()], True),
        ({}, [CALL], True),
        ({}, [blind("raw_digest")], False),
        ({"operations": ("RAW",)}, [blind("raw_digest")], True),
        ({"destinations": ("one_time",)}, [pays(), pays(1, STRANGER)], True),
        ({"destinations": ("one_time",)}, [pays()], False),
        ({"assets": ("USDC",)}, [pays(), pays_token()], True),
        ({"min_amount": 11, **ETH}, [pays(), pays_token()], False),
        ({"min_amount": 10, **ETH}, [pays(), pays_token()], True),
        ({"min_amount": 10, **ETH}, [pays(5), pays(5)], True),
    ],
)
def test_a_rule_that_refuses_needs_to_match_one_act(
    fields: dict[str, Any], effects: Any, refused: bool
) -> None:
    everything = allow(operations=("TRANSFER", "CONTRACT_CALL", "RAW"), raw_on_asset_path=True)
    decision = ask([refuse(**fields), everything], effects)
    assert (decision.rule == "refuse") is refused
    assert decision.allowed is not refused


# ---- what the policy says beside its rules


def limited(**members: Any) -> Policy:
    return Policy((allow(operations=("TRANSFER", "APPROVE", "CONTRACT_CALL")),), **members)


def test_a_limit_of_an_asset() -> None:
    policy = limited(limits=(Limit("ETH", 10, 60, 25),))
    assert ask(policy, [pays(10)]).allowed
    for effects in (
        [pays(11)],
        [pays(6), pays(6, STRANGER)],
        [{**pays(), "amount": None}],
        [{**CALL, "value": "11"}],
    ):
        decision = ask(policy, effects)
        assert (decision.rule, decision.reason_class) == ("limit:amount", "velocity")
    assert ask(policy, [pays(10)], tally=[line(1, 15)]).allowed
    assert ask(policy, [pays(10)], tally=[line(1, 16)]).reason_class == "velocity"
    assert ask(policy, [pays(10)], tally=[line(1, 16, 60_001)]).allowed
    assert ask(policy, [pays(10**6, OWN)]).allowed
    assert ask(policy, [pays_token(10**6)]).allowed


def test_a_limit_of_fees() -> None:
    policy = limited(fee_limits=(FeeLimit("evm", 10), FeeLimit("evm:137", 20)))
    assert ask(policy, [pays(), fee(10)]).allowed
    assert ask(policy, [pays(), fee(11)]).reason_class == "fee_excess"
    polygon = replace(REQUEST, chain="evm:137")
    assert ask(policy, [pays(), fee(20)], request=polygon).allowed
    assert ask(policy, [pays(), fee(21)], request=polygon).rule == "limit:fee"
    assert ask(policy, [pays(), fee(10**30)], request=replace(REQUEST, chain="bitcoin:mainnet")).allowed


def test_a_delay_for_new_destinations() -> None:
    policy = limited(new_destination_delay=60)
    assert ask(policy, [pays()]).allowed
    assert ask(policy, [pays(1, OWN)]).allowed
    never = ask(policy, [ONE_TIME])
    assert (never.rule, never.reason_class) == ("limit:new_destination_delay", "new_destination_delay")
    assert ask(policy, [ONE_TIME], tally=TallyView(known_ms=KNOWN)).allowed
    young = TallyView(known_ms={address: at + 1 for address, at in KNOWN.items()})
    assert ask(policy, [ONE_TIME], tally=young).reason_class == "new_destination_delay"
    young = TallyView(known_ms={normal(SHOP): NOW - 59_999})
    assert ask(policy, [pays()], tally=young).reason_class == "new_destination_delay"


# ---- addresses made to be mistaken


@pytest.mark.parametrize(
    ("address", "alike"),
    [
        (SHOP, False),
        (SHOP.lower(), False),
        (SHOP[:6] + "1" * 33 + SHOP[-3:], True),
        (SHOP[:5] + "1" * 33 + SHOP[-4:], True),
        (SHOP[:5] + "1" * 34 + SHOP[-3:], False),
        (SHOP[:4] + "1" * 32 + SHOP[-6:], False),
        ("0x" + "1" * 34 + SHOP[-6:], False),
        (STRANGER, False),
    ],
)
def test_lookalikes(address: str, alike: bool) -> None:
    assert (BOOK.resembles(address) == SHOP) is alike


@pytest.mark.parametrize(
    ("known", "lookalike"),
    [
        ("bc1qt39v3vs3gkt775efx2ss0dengs89cxrr6l0dgm", "bc1qt39vqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq0dgm"),
        ("TBjVnRoLcoCyhkXLCcmtsqsADjxiRY5Dke", "TBjVn1111111111111111111111111Y5Dke"),
        ("DMAjSEcADvpsKWdTtMUr2Gsg8BYdWrjDnFg82sTTwZHk", "DMAjS1111111111111111111111111111111111TwZHk"),
    ],
)
def test_lookalikes_of_other_chains(known: str, lookalike: str) -> None:
    for book in (
        AddressBook(own={known: None}),
        AddressBook(whitelist={known: None}),
        AddressBook(familiar=(known,)),
    ):
        assert book.resembles(lookalike) == known
    assert AddressBook(whitelist={known: None, lookalike: None}).resembles(lookalike) is None


@given(st.binary(min_size=20, max_size=20), st.binary(min_size=20, max_size=20))
def test_strangers_are_not_alike(one: bytes, other: bytes) -> None:
    a, b = "0x" + one.hex(), "0x" + other.hex()
    ends = (a[2:5], a[-3:]) == (b[2:5], b[-3:])
    assert ends or AddressBook(whitelist={a: None}).resembles(b) is None
