"""The stateless part against another engine: rules translated into Cedar give the same verdicts.

Cedar has no order: the first match is spelled out, each rule with the negation of those before it. Amounts
stay within Cedar's 64 bits here; that larger ones behave the same is test_properties'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.model.charter.policy_fields import NAMES
from quorate.core.model.charter.policy_types import Hours, Policy, Rule
from quorate.core.policy import Evidence
from tests.core.policy.builders import (
    ME,
    NOW,
    OWN,
    REQUEST,
    SHOP,
    STRANGER,
    TOKEN,
    ask,
    fee,
    pays,
    pays_token,
)
from tests.core.policy.strategies import REQUIREMENTS, some, subsets

AMOUNTS = some(4, 5, 10)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "requesters": subsets(ME, "user-2"),
    "requester_groups": subsets("ops", "board"),
    "operations": subsets("TRANSFER", "CONTRACT_CALL", "TYPED_MESSAGE"),
    "sources": subsets("0", "1"),
    "keys": subsets("root-ecdsa", "cold"),
    "paths": subsets("44", "44/60", "84"),
    "chains": subsets("evm", "evm:1", "evm:10"),
    "assets": some(("ETH",), ("USDC",)),
    "destinations": subsets("own_account", "own_account:3", "whitelist", "whitelist:shop", "one_time"),
    "contracts": subsets(TOKEN, STRANGER),
    "methods": subsets("0x2e1a7d4d", "0xd0e30db0"),
    "messages": subsets("Mail", "Mail@Ether Mail", "personal_text"),
    "external_id": st.booleans(),
    "hours": some((Hours((4,), 480, 490),), (Hours((0, 4), 0, 480), Hours((5,), 0, 1440))),
    "max_fee": AMOUNTS,
    "min_amount": AMOUNTS,
    "max_amount": AMOUNTS,
}
STATEFUL = {"raw_on_asset_path", "lifts", "new_destination_delay", "first_use_max_amount", "window"}
CALL = {"type": "contract_call", "to": TOKEN, "selector": "0x2e1a7d4d", "blind": False, "value": "5"}
DESCRIBED = {**CALL, "stated_by": "abi"}
MAIL = {"type": "message", "kind": "typed_data", "primary_type": "Mail", "domain": {"name": "Ether Mail"}}
TEXT = {"type": "message", "kind": "personal", "text": "hello"}
KINDS = {OWN: ["own_account", "own_account:3"], SHOP: ["whitelist", "whitelist:shop"]}
STRICTNESS = ("allow", "approvals", "refuse")


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    names = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=4, unique=True))
    fields = {name: draw(FIELDS[name]) for name in names}
    verdict = draw(st.sampled_from(STRICTNESS))
    if verdict == "approvals":
        fields["approvals"] = draw(REQUIREMENTS)
    return Rule("r", verdict, **fields)


# ---- rules -> Cedar


def cedar(policy: Sequence[Rule]) -> str:
    conditions = [condition(rule) for rule in policy]
    texts = []
    for number, rule in enumerate(policy):
        first = " && ".join([conditions[number], *(f"!{before}" for before in conditions[:number])])
        effect = "forbid" if rule.verdict == "refuse" else "permit"
        action = "" if rule.verdict == "refuse" else f' == Action::"{rule.verdict}"'
        texts.append(f"{effect} (principal, action{action}, resource) when {{ {first} }};")
    return "\n".join(texts)


def condition(rule: Rule) -> str:
    parts = [_operation(rule)]
    for name, make in CONDITIONS.items():
        value = getattr(rule, name)
        if value is not None:
            parts.append(make(value))
    if rule.verdict != "refuse" and (rule.contracts is None or rule.methods is None):
        parts.append("!context.described")
    return "(" + " && ".join(parts) + ")"


def _operation(rule: Rule) -> str:
    if rule.operations is None:
        return "true" if rule.verdict == "refuse" else 'context.operation == "TRANSFER"'
    return f"{_set(rule.operations)}.contains(context.operation)"


def _set(values: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _in(name: str) -> Any:
    return lambda value: f"{_set(value)}.contains(context.{name})"


def _meets(name: str) -> Any:
    return lambda value: f"context.{name}.containsAny({_set(value)})"


def _span(span: Hours) -> str:
    days = "[" + ", ".join(map(str, span.days)) + "]"
    return f"({days}.contains(context.day) && context.minute >= {span.start} && context.minute < {span.end})"


CONDITIONS: Mapping[str, Any] = {
    "requesters": _in("requester"),
    "requester_groups": _meets("groups"),
    "sources": _in("source"),
    "keys": _in("key"),
    "paths": _meets("prefixes"),
    "chains": _meets("chains"),
    "assets": _in("asset"),
    "destinations": _meets("kinds"),
    "contracts": _in("contract"),
    "methods": _in("method"),
    "messages": _meets("messages"),
    "external_id": lambda value: "context.external" if value else "true",
    "hours": lambda value: "(" + " || ".join(_span(span) for span in value) + ")",
    "max_fee": lambda value: f"context.fee <= {value}",
    "min_amount": lambda value: f"(context.has_amount && context.amount >= {value})",
    "max_amount": lambda value: f"(context.has_amount && context.amount <= {value})",
}


# ---- a request -> one Cedar request for each act


def contexts(effects: Sequence[Mapping[str, Any]], request: Any, evidence: Evidence, now: int) -> list[Any]:
    """Written anew from the page on policies, not with the engine's own code."""
    minute = now // 60_000
    shared = {
        "requester": evidence.requester,
        "groups": sorted(evidence.groups),
        "source": request.source,
        "key": request.key,
        "prefixes": ["/".join(map(str, request.paths[0][:n])) for n in range(1, 6)],
        "chains": [request.chain, request.chain.split(":")[0]],
        "external": request.external_id is not None,
        "day": (minute // 1440 + 3) % 7,
        "minute": minute % 1440,
        "fee": sum(int(e["max_amount"]) for e in effects if e["type"] == "fee"),
    }
    acts = [_act(effect) for effect in effects if effect["type"] != "fee"]
    assets = {act["asset"] for act in acts}
    totals = {asset: sum(act["amount"] for act in acts if act["asset"] == asset) for asset in assets}
    return [{**shared, **act, "amount": totals[act["asset"]]} for act in acts]


NOTHING = {
    "asset": "", "kinds": [], "contract": "", "method": "", "messages": [], "amount": 0, "has_amount": False,
    "described": False,
}  # fmt: skip


def _act(effect: Mapping[str, Any]) -> dict[str, Any]:
    if effect["type"] == "message":
        names = ["personal_text"] if effect is TEXT else ["Mail", "Mail@Ether Mail"]
        return {**NOTHING, "operation": "TYPED_MESSAGE", "messages": names}
    act = {**NOTHING, "kinds": KINDS.get(effect["to"], ["one_time"]), "has_amount": True}
    if effect["type"] == "contract_call":
        call = {"contract": effect["to"], "method": effect["selector"], "amount": int(effect["value"])}
        call["described"] = "stated_by" in effect
        return {**act, **call, "operation": "CONTRACT_CALL", "asset": "ETH"}
    asset = "ETH" if effect["asset"] == "native" else "USDC"
    return {**act, "operation": "TRANSFER", "asset": asset, "amount": int(effect["amount"])}


def by_cedar(text: str, acts: list[Any]) -> str:
    return max((_one(text, act) for act in acts), key=STRICTNESS.index)


def _one(text: str, act: Any) -> str:
    for verdict in ("allow", "approvals"):
        request = {
            "principal": 'User::"it"',
            "action": f'Action::"{verdict}"',
            "resource": 'Act::"it"',
            "context": act,
        }
        result = cedarpy.is_authorized(request, text, [])
        assert not result.diagnostics.errors, (result.diagnostics.errors, text)
        if result.allowed:
            return verdict
    return "refuse"


payees = some(OWN, SHOP, STRANGER)
EFFECTS = st.one_of(
    st.builds(pays, AMOUNTS, payees),
    st.builds(pays_token, AMOUNTS, payees),
    some(CALL, DESCRIBED, MAIL, TEXT),
)
requests = st.builds(
    lambda **members: replace(REQUEST, **members),
    source=some("0", "1"),
    external_id=some(None, "1"),
    chain=some("evm:1", "evm:10"),
)
asked = st.builds(Evidence, some(ME, "user-2"), st.just(()), some(frozenset(), frozenset({"ops"})))


def test_every_stateless_field_is_compared() -> None:
    left_out = STATEFUL | {"max_ratio_to_deposit"}
    assert set(FIELDS) == set(NAMES) - left_out == {"operations", *CONDITIONS}


cases = st.tuples(st.lists(EFFECTS, min_size=1, max_size=2), AMOUNTS, requests, asked, some(0, 9, 10))


@pytest.mark.parametrize("field", sorted(FIELDS))
@settings(max_examples=40, deadline=None)
@given(st.data(), some("allow", "refuse"), cases)
def test_cedar_agrees_about_each_field(field: str, data: st.DataObject, verdict: str, case: Any) -> None:
    """One rule with one field, and behind it one that allows everything."""
    rule = Rule("r0", verdict, **{field: data.draw(FIELDS[field])})
    everything = Rule("r1", "allow", operations=("TRANSFER", "CONTRACT_CALL", "TYPED_MESSAGE"))
    _compare([rule], case)
    _compare([rule, everything], case)


@settings(max_examples=200, deadline=None)
@given(st.lists(rules(), max_size=4), cases)
def test_cedar_agrees(found: list[Rule], case: Any) -> None:
    _compare([replace(rule, name=f"r{number}") for number, rule in enumerate(found)], case)


def _compare(policy: list[Rule], case: Any) -> None:
    effects, cost, request, evidence, minutes = case
    now = NOW + minutes * 60_000
    effects = [*effects, fee(cost)]
    decision = ask(Policy(tuple(policy)), effects, request=request, evidence=evidence, now=now)
    expected = by_cedar(cedar(policy), contexts(effects, request, evidence, now))
    assert decision.verdict == expected, (cedar(policy), decision)
