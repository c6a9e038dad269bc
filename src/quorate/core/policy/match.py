"""One field of one rule -> whether an act matches it. Built once for a policy, asked for every act."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from quorate.core.chains.hd import RAW_PURPOSE
from quorate.core.model.charter.policy_forms import RAW, TRANSFER
from quorate.core.model.charter.policy_types import REFUSE, Lift, Policy, Rule
from quorate.core.policy import match_values as values
from quorate.core.policy.addresses import normal
from quorate.core.policy.case import Predicate
from quorate.core.policy.prohibitions import BY_NAME, Hit
from quorate.core.policy.request import PolicyRequest

RAW_ON_ASSET_PATH: Final = "raw_on_asset_path"
LIFTS: Final = "lifts"

Subjects = Mapping[str, frozenset[str]]
"""A prohibition -> the subjects it is lifted for."""


def predicate(name: str, rule: Rule, policy: Policy) -> Predicate | None:
    """None where the field matches everything."""
    value = getattr(rule, name)
    if value is None and name not in _ALWAYS:
        return None
    return _MAKERS[name](value, rule, policy)


# ---- names


def _requesters(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    listed = frozenset(value)
    return lambda act, case: case.evidence.requester in listed


def _requester_groups(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    listed = frozenset(value)
    return lambda act, case: not listed.isdisjoint(case.evidence.groups)


def _operations(value: tuple[str, ...] | None, rule: Rule, policy: Policy) -> Predicate:
    """RAW is matched only by a rule that names it; what allows without saying what, allows transfers."""
    if value is None and rule.verdict == REFUSE:
        return lambda act, case: act.operation != RAW
    listed = frozenset(value or (TRANSFER,))
    return lambda act, case: act.operation in listed


def _sources(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    listed = frozenset(value)
    return lambda act, case: case.request.source in listed


def _keys(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    listed = frozenset(value)
    return lambda act, case: case.request.key in listed


def _paths(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    """No path, no match: where a key is used is what such a rule is about."""
    prefixes = tuple(tuple(int(step) for step in text.split("/")) for text in value)
    return lambda act, case: (
        bool(case.request.paths)
        and all(any(path[: len(p)] == p for p in prefixes) for path in case.request.paths)
    )


def _chains(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    listed = frozenset(value)
    return lambda act, case: case.request.chain in listed or case.request.chain.partition(":")[0] in listed


def _assets(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    listed = frozenset(value)
    return lambda act, case: act.asset in listed


def _destinations(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    listed = frozenset(value)
    return lambda act, case: not listed.isdisjoint(act.kinds)


def _contracts(value: tuple[str, ...] | None, rule: Rule, policy: Policy) -> Predicate | None:
    if value is None:
        return _not_described(rule)
    listed = frozenset(normal(text) for text in value)
    return lambda act, case: not listed.isdisjoint(act.contracts)


def _methods(value: tuple[str, ...] | None, rule: Rule, policy: Policy) -> Predicate | None:
    if value is None:
        return _not_described(rule)
    listed = frozenset(value)
    return lambda act, case: act.method in listed


def _not_described(rule: Rule) -> Predicate | None:
    """What a call does of which only the arguments are known, is for whoever names contract and method."""
    return None if rule.verdict == REFUSE else lambda act, case: not act.described


def _messages(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    listed = frozenset(value)
    return lambda act, case: not listed.isdisjoint(act.messages)


# ---- prohibitions


def off_raw_branch(request: PolicyRequest) -> bool:
    """RAW on any path that is not below 1729, where asset addresses cannot be."""
    return any(path[:1] != (RAW_PURPOSE,) for path in request.paths)


def _raw_path(value: bool | None, rule: Rule, policy: Policy) -> Predicate | None:
    """A rule that allows RAW outside the RAW branch must say so; one that refuses need not."""
    if rule.verdict == REFUSE or value is True:
        return None
    return lambda act, case: act.operation != RAW or not off_raw_branch(case.request)


def subjects(lifts: Sequence[Lift], policy: Policy) -> Subjects:
    """With the lists spelled out."""
    found: dict[str, set[str]] = {}
    for lift in lifts:
        for subject in lift.subjects:
            listed = subject.startswith("list:")
            named = policy.lists.get(subject.removeprefix("list:"), ()) if listed else (subject,)
            found.setdefault(lift.prohibition, set()).update(
                " ".join(normal(part) for part in text.split(" ")) for text in named
            )
    return {name: frozenset(texts) for name, texts in found.items()}


def lifted(hit: Hit, by: Subjects) -> bool:
    """Whether exactly this subject is named, with as many parts as the prohibition asks for, or more."""
    named = by.get(hit.prohibition)
    if not named:
        return False
    needed = BY_NAME[hit.prohibition].needed
    texts = (
        " ".join(hit.subject[:parts]) for parts in range(min(needed, len(hit.subject)), len(hit.subject) + 1)
    )
    return any(text in named for text in texts)


def _lifts(value: tuple[Lift, ...] | None, rule: Rule, policy: Policy) -> Predicate | None:
    if rule.verdict == REFUSE:
        return None
    named = subjects(value or (), policy)
    return lambda act, case: all(lifted(hit, named) for hit in act.hits)


_ALWAYS: Final = ("operations", RAW_ON_ASSET_PATH, "contracts", "methods", LIFTS)
"""Fields that say something even where they are left out."""

_MAKERS: Final[Mapping[str, Callable[[Any, Rule, Policy], Predicate | None]]] = {
    "requesters": _requesters,
    "requester_groups": _requester_groups,
    "operations": _operations,
    RAW_ON_ASSET_PATH: _raw_path,
    "sources": _sources,
    "keys": _keys,
    "paths": _paths,
    "chains": _chains,
    "assets": _assets,
    "destinations": _destinations,
    "contracts": _contracts,
    "methods": _methods,
    "messages": _messages,
    LIFTS: _lifts,
    "external_id": values.external_id,
    "hours": values.hours,
    "new_destination_delay": values.delay,
    "max_fee": values.max_fee,
    "max_ratio_to_deposit": values.max_ratio,
    "min_amount": values.min_amount,
    "first_use_max_amount": values.first_use,
    "max_amount": values.max_amount,
    "window": values.window,
}
