"""What loosens: found for every field and every member of a policy, and never missed on random pairs."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.model.charter.policy import MEMBERS
from quorate.core.model.charter.policy_fields import FIELDS
from quorate.core.model.charter.policy_types import (
    FeeLimit,
    Hours,
    Lift,
    Limit,
    Policy,
    Requirement,
    Rule,
    Window,
)
from quorate.core.policy.diff import changes, loosens
from quorate.core.policy.wider import implies
from tests.core.policy.builders import OWN, SHOP, STRANGER, TOKEN, allow, refuse, wants
from tests.core.policy.strategies import CASES, PAID, REQUIREMENTS, policies, rules
from tests.core.policy.strategies import FIELDS as RANDOM_FIELDS
from tests.core.policy.test_properties import Case, strictness

ETH = ("ETH",)
ONE, TWO = Requirement(threshold=1), Requirement(threshold=2)
OPS = Requirement(threshold=1, group="ops")

NARROW_TO_WIDE: dict[str, list[tuple[Any, Any]]] = {
    "requesters": [(("a",), ("a", "b")), (("a",), None)],
    "requester_groups": [(("a",), ("a", "b")), (("a",), None)],
    "operations": [(("TRANSFER",), ("TRANSFER", "MINT")), (None, ("TRANSFER", "MINT"))],
    "raw_on_asset_path": [(None, True), (False, True)],
    "sources": [(("0",), ("0", "1")), (("0",), None)],
    "keys": [(("a",), ("a", "b")), (("a",), None)],
    "paths": [(("44",), ("44", "84")), (("44/60",), ("44",)), (("44",), None)],
    "chains": [(("evm:1",), ("evm:1", "evm:10")), (("evm:1",), ("evm",)), (("evm",), None)],
    "assets": [(("ETH",), ("ETH", "USDC")), (("ETH",), None)],
    "destinations": [
        (("whitelist:shop",), ("whitelist",)),
        (("whitelist",), ("whitelist", "one_time")),
        (("whitelist",), None),
    ],
    "contracts": [((TOKEN,), (TOKEN, STRANGER)), ((TOKEN,), None)],
    "methods": [(("0x2e1a7d4d",), ("0x2e1a7d4d", "0xd0e30db0")), (("0x2e1a7d4d",), None)],
    "messages": [(("Mail@A",), ("Mail",)), (("Mail",), ("Mail", "Permit")), (("Mail",), None)],
    "lifts": [
        (None, (Lift("mint", ("USR",)),)),
        ((Lift("mint", ("USR",)),), (Lift("mint", ("USR", "USX")),)),
        ((Lift("delegatecall", (f"{TOKEN} 0x8d80ff0a",)),), (Lift("delegatecall", (TOKEN,)),)),
    ],
    "external_id": [(True, None), (True, False)],
    "hours": [((Hours((0,), 0, 60),), (Hours((0,), 0, 61),)), ((Hours((0,), 0, 60),), None)],
    "new_destination_delay": [(60, 59), (60, None)],
    "max_fee": [(10, 11), (10, None)],
    "max_ratio_to_deposit": [("1.01", "1.011"), ("1", None)],
    "min_amount": [(10, 9), (10, None)],
    "first_use_max_amount": [(10, 11), (10, None)],
    "max_amount": [(10, 11), (10**100, 10**100 + 1), (10, None)],
    "window": [
        (Window(60, 10, ()), Window(60, 11, ())),
        (Window(60, 10, ()), Window(59, 10, ())),
        (Window(60, 10, ()), Window(60, 10, ("source",))),
        (Window(60, 10, ()), None),
    ],
}
PAIRS = [(name, *pair) for name, pairs in NARROW_TO_WIDE.items() for pair in pairs]


def test_every_field_is_enumerated() -> None:
    assert list(NARROW_TO_WIDE) == [field.name for field in FIELDS] == list(RANDOM_FIELDS)
    assert len(PAIRS) == 54


def rule(verdict: str, field: str, value: Any) -> Rule:
    amounts = {"assets": ETH} if field != "assets" else {}
    approvals = {"approvals": ONE} if verdict == "approvals" else {}
    return Rule("r", verdict, **{**amounts, field: value, **approvals})


def said(before: Policy, after: Policy) -> tuple[bool, bool]:
    """Whether anything loosens, and whether anything tightens."""
    found = changes(before, after)
    return loosens(before, after), any(change.tightens for change in found)


DELAY = "new_destination_delay"
"""While rules have one, any change of them but a new refusal loosens: see `_with_delays`."""


@pytest.mark.parametrize(("field", "narrow", "wide"), [pair for pair in PAIRS if pair[0] == DELAY])
@pytest.mark.parametrize("verdict", ["allow", "refuse", "approvals"])
def test_any_change_of_a_delay_loosens(verdict: str, field: str, narrow: Any, wide: Any) -> None:
    before, after = (Policy((rule(verdict, field, value),)) for value in (narrow, wide))
    assert loosens(before, after)


@pytest.mark.parametrize(("field", "narrow", "wide"), [pair for pair in PAIRS if pair[0] != DELAY])
class TestEachField:
    def test_of_a_rule_that_allows(self, field: str, narrow: Any, wide: Any) -> None:
        before, after = (Policy((rule("allow", field, value),)) for value in (narrow, wide))
        assert said(before, after) == (True, False)
        assert said(after, before) == (False, True)
        (change,) = changes(before, after)
        assert change.place == f"rule r: {field}"
        assert change.line().endswith("(loosens)")

    def test_of_a_rule_that_refuses(self, field: str, narrow: Any, wide: Any) -> None:
        before, after = (Policy((rule("refuse", field, value),)) for value in (narrow, wide))
        if field in ("lifts", "raw_on_asset_path"):
            assert said(before, after) == said(after, before) == (False, False)
        elif (field, narrow) == ("operations", None):  # left out: everything but RAW
            assert said(before, after) == (True, False)
        else:
            assert said(before, after) == (False, True)
            assert said(after, before) == (True, False)

    def test_of_a_rule_that_wants_approvals(self, field: str, narrow: Any, wide: Any) -> None:
        """Wider, it takes what was refused; narrower, it leaves it to a rule behind it that allows."""
        before, after = (Policy((rule("approvals", field, value),)) for value in (narrow, wide))
        assert loosens(before, after)
        assert not loosens(after, before)
        behind = allow("behind")
        before, after = (replace(policy, rules=(*policy.rules, behind)) for policy in (before, after))
        assert loosens(before, after)
        assert loosens(after, before)


A, B, R = allow("a"), allow("b", assets=ETH), refuse("r", assets=ETH)
W, W2 = wants(ONE, "w", assets=ETH), wants(TWO, "w", assets=ETH)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((), (A,), (True, False)),
        ((A,), (), (False, True)),
        ((A,), (R, A), (False, True)),
        ((R, A), (A,), (True, False)),
        ((R, A), (A, R), (True, False)),
        ((A, R), (R, A), (False, True)),
        ((A, B), (B, A), (False, False)),
        ((), (W,), (True, True)),
        ((A,), (W, A), (False, True)),
        ((A,), (A, W), (True, True)),
        ((B,), (W, B), (False, True)),
        ((B,), (wants(ONE, "w"), B), (True, True)),
        ((R, A), (W, R, A), (True, True)),
        ((W, A), (A,), (True, True)),
        ((W,), (), (False, True)),
        ((W, A), (A, W), (True, False)),
        ((A, W), (W, A), (False, True)),
        ((W,), (W2,), (False, True)),
        ((W2,), (W,), (True, False)),
        ((W,), (allow("w", assets=ETH),), (True, False)),
        ((allow("w", assets=ETH),), (W,), (False, True)),
        ((W,), (refuse("w", assets=ETH),), (False, True)),
        ((refuse("w", assets=ETH),), (W,), (True, False)),
        ((allow("x"),), (refuse("x"),), (False, True)),
        ((A, B, R), (A, B, R), (False, False)),
    ],
)
def test_rules_and_their_order(
    before: tuple[Rule, ...], after: tuple[Rule, ...], expected: tuple[bool, bool]
) -> None:
    assert said(Policy(before), Policy(after)) == expected


LIST_RULE = allow("l", destinations=("list:known",))
MEMBER_CASES: dict[str, list[tuple[dict[str, Any], dict[str, Any], bool]]] = {
    "lists": [
        ({"lists": {"known": (SHOP,)}}, {"lists": {"known": (SHOP, OWN)}}, True),
        ({"lists": {}}, {"lists": {"known": (SHOP,)}}, True),
    ],
    "limits": [
        ({"limits": (Limit("ETH", 10, None, None),)}, {}, True),
        ({"limits": (Limit("ETH", 10, None, None),)}, {"limits": (Limit("ETH", 11, None, None),)}, True),
        ({"limits": (Limit("ETH", 10, 60, 20),)}, {"limits": (Limit("ETH", 10, None, None),)}, True),
        ({"limits": (Limit("ETH", None, 60, 20),)}, {"limits": (Limit("ETH", None, 60, 21),)}, True),
        ({"limits": (Limit("ETH", None, 60, 20),)}, {"limits": (Limit("ETH", None, 59, 20),)}, True),
        ({"limits": (Limit("ETH", 10, 60, 20),)}, {"limits": (Limit("ETH", None, 60, 20),)}, True),
    ],
    "fee_limits": [
        ({"fee_limits": (FeeLimit("evm", 10),)}, {}, True),
        ({"fee_limits": (FeeLimit("evm", 10),)}, {"fee_limits": (FeeLimit("evm", 11),)}, True),
        (
            {"fee_limits": (FeeLimit("evm", 10),)},
            {"fee_limits": (FeeLimit("evm", 10), FeeLimit("evm:137", 20))},
            True,
        ),
        (
            {"fee_limits": (FeeLimit("evm", 10), FeeLimit("evm:137", 5))},
            {"fee_limits": (FeeLimit("evm", 10),)},
            True,
        ),
    ],
    "new_destination_delay": [({"new_destination_delay": 60}, {"new_destination_delay": 59}, True)],
    "gap_limit": [({"gap_limit": 20}, {"gap_limit": 21}, True)],
    "approvals": [({"approvals": ONE}, {}, True), ({"approvals": TWO}, {"approvals": ONE}, True)],
}


def test_every_member_is_enumerated() -> None:
    assert set(MEMBER_CASES) == set(MEMBERS)


@pytest.mark.parametrize(("before", "after"), [case[:2] for cases in MEMBER_CASES.values() for case in cases])
def test_what_stands_beside_the_rules(before: dict[str, Any], after: dict[str, Any]) -> None:
    tight, loose = (Policy((LIST_RULE,), **members) for members in (before, after))
    assert said(tight, loose)[0]
    assert said(loose, tight) == (False, True)
    assert said(tight, tight) == (False, False)


def test_a_list_that_stops_something() -> None:
    """Taken from a list that a rule refuses by, an address is let through."""
    rules_ = (refuse("no", destinations=("list:bad",)), allow())
    long, short = (Policy(rules_, lists={"bad": entries}) for entries in ((SHOP, OWN), (SHOP,)))
    assert loosens(long, short)
    assert changes(long, short)[0].words == f"without {OWN}"


@pytest.mark.parametrize(
    ("stronger", "weaker", "follows"),
    [
        (ONE, None, True),
        (None, ONE, False),
        (TWO, ONE, True),
        (ONE, TWO, False),
        (OPS, ONE, True),
        (ONE, OPS, False),
        (Requirement(threshold=1, group="board"), OPS, False),
        (Requirement(threshold=1, requester_may_approve=True), ONE, False),
        (ONE, Requirement(threshold=1, requester_may_approve=True), True),
        (Requirement(threshold=1, approvers=("a",)), Requirement(threshold=1, approvers=("a", "b")), True),
        (Requirement(threshold=1, approvers=("a", "b")), Requirement(threshold=1, approvers=("a",)), False),
        (Requirement(threshold=2, approvers=("a", "b")), Requirement(threshold=1, approvers=("a",)), True),
        (Requirement(all_of=(ONE, OPS)), OPS, True),
        (Requirement(any_of=(TWO, OPS)), OPS, False),
        (Requirement(any_of=(TWO, OPS)), ONE, True),
        (OPS, Requirement(any_of=(TWO, OPS)), True),
        (OPS, Requirement(all_of=(ONE, OPS)), True),
        (OPS, Requirement(all_of=(TWO, OPS)), False),
    ],
)
def test_what_follows_from_approvals(
    stronger: Requirement | None, weaker: Requirement | None, follows: bool
) -> None:
    assert implies(stronger, weaker) is follows


@given(policies())
def test_nothing_changed_is_no_change(policy: Policy) -> None:
    assert changes(policy, policy) == ()


@settings(max_examples=300)
@given(policies(2), policies(2), CASES | PAID)
def test_no_loosening_is_missed(before: Policy, after: Policy, case: Case) -> None:
    """Whenever a request is decided less strictly after a change, the change is said to loosen."""
    if strictness(after, case) < strictness(before, case):
        assert loosens(before, after)


@settings(max_examples=300)
@given(policies(2), st.data(), CASES | PAID)
def test_no_small_loosening_is_missed(before: Policy, data: st.DataObject, case: Case) -> None:
    """One rule more, less, other, or at another place."""
    found = list(before.rules)
    place = data.draw(st.integers(0, len(found)))
    kind = data.draw(st.sampled_from(["add", "remove", "move", "change"]))
    if kind == "add":
        found.insert(place, replace(data.draw(rules(most=2)), name="new"))
    elif place < len(found) and kind == "remove":
        found.pop(place)
    elif place < len(found) and kind == "move":
        found.insert(data.draw(st.integers(0, len(found) - 1)), found.pop(place))
    elif place < len(found):
        found[place] = replace(data.draw(rules(most=2)), name=found[place].name)
    after = replace(before, rules=tuple(found), approvals=data.draw(st.just(before.approvals) | REQUIREMENTS))
    for old, new in ((before, after), (after, before)):
        if strictness(new, case) < strictness(old, case):
            assert loosens(old, new), changes(old, new)


@pytest.mark.parametrize("delayed", [0, 60])
def test_what_falls_to_a_rule_that_lists_a_new_destination_loosens(delayed: int) -> None:
    """The delay refuses under the rule that matched; under one that lists the address it does not."""
    anybody = Rule("anybody", "allow", destinations=("one_time",))
    partner = Rule("partner", "allow", destinations=("list:partners",))
    before = Policy((anybody, partner), {"partners": (STRANGER,)}, new_destination_delay=delayed)
    removed = replace(before, rules=(partner,))
    narrowed = replace(before, rules=(replace(anybody, assets=ETH), partner))
    swapped = replace(before, rules=(partner, anybody))
    for after in (removed, narrowed, swapped):
        assert loosens(before, after) == bool(delayed)


def test_to_name_contract_and_method_lets_described_calls_through() -> None:
    """Each field alone narrows the rule; both together are what such a call needs."""
    calls = Rule("calls", "allow", operations=("CONTRACT_CALL",), contracts=(TOKEN,))
    named = replace(calls, methods=("0x2e1a7d4d",))
    before, after = Policy((calls,)), Policy((named,))
    assert loosens(before, after)
    assert loosens(after, before)
    assert not loosens(Policy((replace(calls, contracts=None),)), before)
    transfers = (replace(calls, operations=None), replace(named, operations=None))
    assert not loosens(Policy(transfers[:1]), Policy(transfers[1:]))
