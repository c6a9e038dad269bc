"""Approvals: thresholds, groups, AND and OR, the requester, and that one rejection is enough."""

import pytest

from quorate.core.model.charter.policy_types import Policy, Requirement
from quorate.core.policy import Approval, Evidence, explain
from tests.core.policy.builders import ME, STRANGER, allow, ask, no, pays, refuse, wants, yes

ONE = Requirement(threshold=1)
TWO_OPS = Requirement(threshold=2, group="ops")
BOSS = Requirement(threshold=1, approvers=("boss", "deputy"))
BOTH = Requirement(all_of=(TWO_OPS, BOSS))
EITHER = Requirement(any_of=(TWO_OPS, BOSS))
SELF = Requirement(threshold=1, group="ops", requester_may_approve=True)


@pytest.mark.parametrize(
    ("requirement", "approvals", "enough"),
    [
        (ONE, (), False),
        (ONE, (yes("anybody"),), True),
        (ONE, (yes(ME),), False),
        (TWO_OPS, (yes("a", "ops"),), False),
        (TWO_OPS, (yes("a", "ops"), yes("a", "ops")), False),
        (TWO_OPS, (yes("a", "ops"), yes("b", "other")), False),
        (TWO_OPS, (yes("a", "ops"), yes(ME, "ops")), False),
        (TWO_OPS, (yes("a", "ops"), yes("b", "other", "ops")), True),
        (BOSS, (yes("deputy"),), True),
        (BOSS, (yes("a", "boss"),), False),
        (BOTH, (yes("a", "ops"), yes("b", "ops")), False),
        (BOTH, (yes("boss"),), False),
        (BOTH, (yes("a", "ops"), yes("b", "ops"), yes("boss")), True),
        (BOTH, (yes("a", "ops"), yes("boss", "ops")), True),
        (EITHER, (yes("boss"),), True),
        (EITHER, (yes("a", "ops"), yes("b", "ops")), True),
        (EITHER, (yes("a", "ops"),), False),
        (SELF, (yes(ME, "ops"),), True),
        (SELF, (yes(ME),), False),
        (Requirement(any_of=(BOTH, SELF)), (yes(ME, "ops"),), True),
        (Requirement(all_of=(EITHER, EITHER)), (yes("boss"),), True),
    ],
)
def test_requirements(requirement: Requirement, approvals: tuple[Approval, ...], enough: bool) -> None:
    decision = ask([wants(requirement)], [pays()], evidence=Evidence(ME, approvals))
    assert decision.verdict == ("allow" if enough else "approvals")
    assert decision.rule == "wants"
    assert decision.needs == (() if enough else (requirement,))
    assert decision.reason_class == ("" if enough else "missing_evidence")


def test_one_rejection_is_a_veto() -> None:
    """Whoever the rule would have asked, and whether it asks at all."""
    for rules in ([wants(ONE)], [allow()], []):
        decision = ask(rules, [pays()], evidence=Evidence(ME, (yes("a"), yes("b"), no("c"))))
        assert (decision.verdict, decision.rule, decision.reason_class) == (
            "refuse",
            "approver_veto",
            "vetoed",
        )


def test_nobody_asked() -> None:
    """No approval stands in for the requester."""
    for rules in ([wants(ONE)], [allow()]):
        decision = ask(rules, [pays()], evidence=Evidence(None, (yes("a"), yes("b"))))
        assert (decision.verdict, decision.reason_class) == ("refuse", "missing_evidence")


def test_the_strictest_act_decides() -> None:
    """One act allowed, one that wants approvals, one refused; each kind outdoes the former."""
    rules = [
        wants(TWO_OPS, destinations=("one_time",), assets=("ETH",)),
        allow(destinations=("whitelist",)),
    ]
    assert ask(rules, [pays()]).allowed
    assert ask(rules, [pays(), pays(1, STRANGER)]).verdict == "approvals"
    assert (
        ask([refuse(min_amount=12, assets=("ETH",)), *rules], [pays(), pays(2, STRANGER)]).verdict == "refuse"
    )
    evidence = Evidence(ME, (yes("a", "ops"), yes("b", "ops")))
    assert ask(rules, [pays(), pays(1, STRANGER)], evidence=evidence).allowed


def test_what_several_acts_want_is_all_told() -> None:
    rules = [
        wants(TWO_OPS, "strangers", destinations=("one_time",)),
        wants(BOSS, "shops", destinations=("whitelist",)),
    ]
    decision = ask(rules, [pays(), pays(1, STRANGER)])
    assert set(decision.needs) == {TWO_OPS, BOSS}
    assert (
        ask(rules, [pays(), pays(1, STRANGER)], evidence=Evidence(ME, (yes("boss"),))).verdict == "approvals"
    )


def test_approvals_of_the_whole_policy() -> None:
    policy = Policy((allow(destinations=("whitelist",)),), approvals=ONE)
    assert ask(policy, [pays()]).needs == (ONE,)
    assert ask(policy, [pays()], evidence=Evidence(ME, (yes("a"),))).allowed
    assert ask(policy, [pays(1, STRANGER)], evidence=Evidence(ME, (yes("a"),))).verdict == "refuse"


def test_words() -> None:
    decision = ask([wants(Requirement(any_of=(BOTH, SELF)))], [pays()])
    both = "(2 of group ops and 1 of boss, deputy)"
    assert explain.lines(decision) == [
        f"needs approvals by rule wants: {both} or 1 of group ops, the requester included"
    ]
