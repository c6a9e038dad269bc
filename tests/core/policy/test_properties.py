"""What must hold for every policy and every request."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.model.charter.policy_fields import NAMES
from quorate.core.model.charter.policy_types import FeeLimit, Limit, Policy
from quorate.core.policy import Decision
from tests.core.policy.builders import allow, ask, fee, line, pays
from tests.core.policy.strategies import CASES, policies, rules
from tests.core.policy.test_prohibitions import HITS

STRICTNESS = {"allow": 0, "approvals": 1, "refuse": 2}
Case = tuple[Any, Any, Any, Any]
some_effect = st.sampled_from([hit.effect for hit in HITS])


def decided(policy: Policy, case: Case) -> Decision:
    effects, request, evidence, tally = case
    return ask(policy, effects, request=request, evidence=evidence, tally=tally)


def strictness(policy: Policy, case: Case) -> int:
    return STRICTNESS[decided(policy, case).verdict]


@given(CASES)
def test_an_empty_policy_allows_nothing(case: Case) -> None:
    assert decided(Policy(()), case).verdict == "refuse"


@given(policies(), rules(verdicts=("refuse",)), st.integers(0, 5), CASES)
def test_another_rule_that_refuses_never_allows_more(policy: Policy, rule: Any, at: int, case: Case) -> None:
    extra = replace(rule, name="extra")
    stricter = replace(policy, rules=(*policy.rules[:at], extra, *policy.rules[at:]))
    assert strictness(stricter, case) >= strictness(policy, case)


@given(policies(), some_effect, st.integers(0, 3), CASES)
def test_something_prohibited_beside_it_is_never_allowed(
    policy: Policy, prohibited: Any, at: int, case: Case
) -> None:
    """Unless a rule lifts it: these policies lift other things."""
    effects, *rest = case
    more = [*effects[:at], prohibited, *effects[at:]]
    lifted = {lift.prohibition for rule in policy.rules for lift in rule.lifts or ()}
    if not any(hit.prohibition in lifted for hit in HITS if hit.effect == prohibited):
        assert decided(policy, (more, *rest)).verdict == "refuse"


@given(policies(), st.integers(0, 20), st.integers(0, 20), CASES)
def test_another_limit_never_allows_more(policy: Policy, amount: int, most: int, case: Case) -> None:
    for limited in (
        replace(policy, limits=(Limit("ETH", amount, 60, most),)),
        replace(policy, fee_limits=(FeeLimit("evm", amount),)),
        replace(policy, new_destination_delay=amount),
    ):
        assert strictness(limited, case) >= strictness(policy, case)


@given(policies(), CASES)
def test_the_same_question_has_the_same_answer(policy: Policy, case: Case) -> None:
    again = Policy(tuple(map(deepcopy, policy.rules)), lists=dict(policy.lists), approvals=policy.approvals)
    assert decided(policy, case) == decided(again, deepcopy(case)) == decided(policy, case)


@given(policies(), CASES, st.randoms(use_true_random=False))
def test_the_order_of_effects_is_of_no_matter(policy: Policy, case: Case, random: Any) -> None:
    effects, *rest = case
    shuffled = random.sample(effects, len(effects))
    assert decided(policy, (shuffled, *rest)) == decided(policy, case)


@given(policies(), CASES)
def test_every_decision_is_accounted_for(policy: Policy, case: Case) -> None:
    """A reason for whatever is not allowed; a rule, and before it each rule with a field of the table."""
    decision = decided(policy, case)
    assert (decision.reason_class == "") == decision.allowed
    assert (decision.verdict == "approvals") == bool(decision.needs)
    assert all(entry.first_mismatch in NAMES for entry in decision.trace)
    names = [rule.name for rule in policy.rules]
    traced = [entry.rule for entry in decision.trace]
    if decision.rule in names:
        assert traced == names[: names.index(decision.rule)]
    elif decision.rule == "":
        assert traced == names
    assert traced == [name for name in names if name in traced]


AMOUNTS = ("min_amount", "first_use_max_amount", "max_amount", "max_fee")


@settings(max_examples=50)
@given(policies(), CASES, st.integers(1, 300))
def test_amounts_have_no_bound(policy: Policy, case: Case, digits: int) -> None:
    """Everything 10^digits times as large: the same decision, far beyond 256 bits."""
    scale = 10**digits
    scaled = replace(policy, rules=tuple(_scaled_rule(rule, scale) for rule in policy.rules))
    effects, request, evidence, tally = case
    lines = [replace(entry, amount=entry.amount * scale) for entry in tally.lines]
    larger = ([_scaled(e, scale) for e in effects], request, evidence, replace(tally, lines=lines))
    assert decided(scaled, larger) == decided(policy, case)


def _scaled_rule(rule: Any, scale: int) -> Any:
    amounts = {name: getattr(rule, name) for name in AMOUNTS if getattr(rule, name) is not None}
    changes: dict[str, Any] = {name: amount * scale for name, amount in amounts.items()}
    if rule.window:
        changes["window"] = replace(rule.window, max=rule.window.max * scale)
    return replace(rule, **changes)


def _scaled(effect: Any, scale: int) -> dict[str, Any]:
    names = ("amount", "max_amount", "value")
    return {k: str(int(v) * scale) if k in names else v for k, v in effect.items()}


@given(st.integers(0, 10**80), st.integers(-1, 1))
def test_borders_are_exact(amount: int, difference: int) -> None:
    rule = _rule(max_amount=amount)
    assert ask([rule], [pays(amount + max(difference, -amount))]).allowed == (difference <= 0 or amount < 0)
    rule = _rule(max_fee=amount)
    assert ask([rule], [pays(1), fee(amount + max(difference, -amount))]).allowed == (difference <= 0)
    limit = Policy((_rule(),), limits=(Limit("ETH", None, 60, amount + 10),))
    assert ask(limit, [pays(10)], tally=[line(1, amount + max(difference, -amount))]).allowed == (
        difference <= 0
    )


def _rule(**fields: Any) -> Any:
    return allow(assets=("ETH",), **fields)
