"""Whether a field, as it is after a change, matches anything that it did not match before."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from quorate.core.model.charter.policy_fields import Field, Kind
from quorate.core.model.charter.policy_forms import OPERATIONS, RAW, TRANSFER
from quorate.core.model.charter.policy_types import REFUSE, Hours, Lift, Requirement, Rule, Window
from quorate.core.model.intent_parts import CONTRACT_CALL
from quorate.core.policy.prohibitions import BY_NAME

_IGNORED_BY_REFUSE: Final = (Kind.LIFTS, Kind.PERMITS)
"""A rule that refuses matches whatever these say."""


def wider(field: Field, before: Any, after: Any, verdict: str) -> bool:
    """`verdict` is the rule's: it decides what some fields mean where they are left out."""
    if before == after or (verdict == REFUSE and field.kind in _IGNORED_BY_REFUSE):
        return False
    if field.kind is Kind.OPERATIONS:
        before, after = (_operations(value, verdict) for value in (before, after))
    elif field.kind not in _MEANS_LESS_WHEN_LEFT_OUT and (before is None or after is None):
        return after is None
    if field.kind is Kind.NAMES:
        return any(not _covered(field.name, entry, before) for entry in after)
    return _WIDER[field.kind](before, after)


def _operations(value: Sequence[str] | None, verdict: str) -> Sequence[str]:
    if value is not None:
        return value
    return [name for name in OPERATIONS if name != RAW] if verdict == REFUSE else (TRANSFER,)


def names_calls(rule: Rule) -> bool:
    """Whether the rule may allow calls of which only the arguments are known: it names contract and method.
    So a rule that comes to name both matches more than before, though each alone narrows it.
    """
    named = rule.contracts is not None and rule.methods is not None
    return named and rule.verdict != REFUSE and CONTRACT_CALL in (rule.operations or ())


def _covered(name: str, entry: str, entries: Sequence[str]) -> bool:
    """`whitelist` covers `whitelist:shop`, `evm` covers `evm:1`, `44` covers `44/60`, `Mail` covers
    `Mail@Ether Mail`.
    """
    if entry in entries:
        return True
    if name == "paths":
        return any(entry.startswith(listed + "/") for listed in entries)
    separator = {"destinations": ":", "chains": ":", "messages": "@"}.get(name)
    return separator is not None and separator in entry and entry.partition(separator)[0] in entries


def _more_lifts(before: Sequence[Lift] | None, after: Sequence[Lift] | None) -> bool:
    held = {(lift.prohibition, subject) for lift in before or () for subject in lift.subjects}
    wanted = [(lift.prohibition, subject) for lift in after or () for subject in lift.subjects]
    return any(not _lift_covered(prohibition, subject, held) for prohibition, subject in wanted)


def _lift_covered(prohibition: str, subject: str, held: set[tuple[str, str]]) -> bool:
    parts = subject.split(" ")
    needed = BY_NAME[prohibition].needed
    if prohibition == "delegation_7702":  # for any chain is another subject, not a part of one
        return (prohibition, subject) in held
    shorter = (" ".join(parts[:count]) for count in range(needed, len(parts) + 1))
    return (prohibition, subject) in held or any((prohibition, text) in held for text in shorter)


def _minutes(spans: Sequence[Hours]) -> set[tuple[int, int]]:
    return {(day, minute) for span in spans for day in span.days for minute in range(span.start, span.end)}


def _wider_window(before: Window, after: Window) -> bool:
    return after.max > before.max or after.seconds < before.seconds or not set(after.per) <= set(before.per)


def _number(text: str) -> tuple[int, int]:
    """A decimal text as numerator and power of ten."""
    whole, _, fraction = text.partition(".")
    return int(whole + fraction), 10 ** len(fraction)


def _larger_ratio(before: str, after: str) -> bool:
    (a, a_scale), (b, b_scale) = _number(after), _number(before)
    return a * b_scale > b * a_scale


_MEANS_LESS_WHEN_LEFT_OUT: Final = (Kind.LIFTS, Kind.PERMITS, Kind.DEMANDS)

_WIDER: Final[Mapping[Kind, Callable[[Any, Any], bool]]] = {
    Kind.OPERATIONS: lambda before, after: not set(after) <= set(before),
    Kind.LIFTS: _more_lifts,
    Kind.PERMITS: lambda before, after: after is True and before is not True,
    Kind.DEMANDS: lambda before, after: before is True and after is not True,
    Kind.HOURS: lambda before, after: not _minutes(after) <= _minutes(before),
    Kind.DELAY: lambda before, after: after < before,
    Kind.AT_MOST: lambda before, after: after > before,
    Kind.AT_LEAST: lambda before, after: after < before,
    Kind.RATIO: _larger_ratio,
    Kind.WINDOW: _wider_window,
}


def implies(stronger: Requirement | None, weaker: Requirement | None) -> bool:
    """Whether whoever satisfies `stronger` satisfies `weaker` for certain. None wants nobody's word."""
    if weaker is None or stronger == weaker:
        return True
    if stronger is None:
        return False
    if weaker.all_of:
        return all(implies(stronger, part) for part in weaker.all_of)
    if stronger.any_of:
        return all(implies(part, weaker) for part in stronger.any_of)
    if stronger.all_of:
        return any(implies(part, weaker) for part in stronger.all_of)
    if weaker.any_of:
        return any(implies(stronger, part) for part in weaker.any_of)
    return _leaf_implies(stronger, weaker)


def _leaf_implies(stronger: Requirement, weaker: Requirement) -> bool:
    if stronger.requester_may_approve and not weaker.requester_may_approve:
        return False
    count = stronger.threshold
    if weaker.approvers is not None:
        if stronger.approvers is None:
            return False
        count -= len(set(stronger.approvers) - set(weaker.approvers))
    elif weaker.group is not None and stronger.group != weaker.group:
        return False
    return count >= weaker.threshold
