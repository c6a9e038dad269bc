"""What changes between two policies, and whether it loosens: lets anything through, or with fewer approvals,
that was stopped before.

Pure, and on the safe side: a change is said to loosen unless it certainly does not. Charters wait for a
timelock when a change of theirs loosens. Rules are told apart by their names.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from quorate.core.model.charter.policy_fields import FIELDS
from quorate.core.model.charter.policy_types import (
    ALLOW,
    APPROVALS,
    REFUSE,
    FeeLimit,
    Limit,
    Policy,
    Requirement,
    Rule,
)
from quorate.core.policy import words
from quorate.core.policy.wider import implies, names_calls, wider

_STRICTNESS: Final = {ALLOW: 0, APPROVALS: 1, REFUSE: 2}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. It may loosen for some requests and tighten for others; `words` say what it is."""

    place: str
    loosens: bool
    tightens: bool
    words: str

    def line(self) -> str:
        said = [name for name, is_so in (("loosens", self.loosens), ("tightens", self.tightens)) if is_so]
        return f"{self.place}: {self.words} ({' and '.join(said) or 'changes no verdict'})"


def changes(before: Policy, after: Policy) -> tuple[Change, ...]:
    """All differences, in the order of the documents."""
    return (
        *_with_delays(before, (*_rules(before, after), *_order(before, after))),
        *_new(before, after),
        *_lists(before, after),
        *_limits(before, after),
        *_fee_limits(before, after),
        *_numbers(before, after),
        *_approvals(before, after),
    )


def _with_delays(before: Policy, found: Sequence[Change]) -> Iterator[Change]:
    """A destination that is new is refused under the rule that matched, unless that rule lists it: what falls
    from a rule that allows to another one may then be allowed.
    """
    for change in found:
        yield replace(change, loosens=True) if _delays(before) else change


def _delays(policy: Policy) -> bool:
    return bool(policy.new_destination_delay) or policy.looks_at("new_destination_delay")


def loosens(before: Policy, after: Policy) -> bool:
    """Whether any difference may let more through than before."""
    return any(change.loosens for change in changes(before, after))


# ---- rules


def _rules(before: Policy, after: Policy) -> Iterator[Change]:
    old, new = _by_name(before), _by_name(after)
    for name, rule in old.items():
        if name not in new:
            yield _removed(rule, after)
        else:
            yield from _changed(rule, new[name], after)


def _new(before: Policy, after: Policy) -> Iterator[Change]:
    old = _by_name(before)
    for name, rule in _by_name(after).items():
        if name not in old:
            yield _added(rule, before, after)


def _by_name(policy: Policy) -> dict[str, Rule]:
    return {rule.name: rule for rule in policy.rules}


def _removed(rule: Rule, after: Policy) -> Change:
    """What it decided falls to the rules after it."""
    falls = rule.verdict != ALLOW and _lets_through(after, rule)
    held = f"removed: {rule.verdict}, {words.fields(rule)}"
    return Change(f"rule {rule.name}", rule.verdict == REFUSE or falls, rule.verdict != REFUSE, held)


def _added(rule: Rule, before: Policy, after: Policy) -> Change:
    asks_more = not _delays(before) and _only_asks_more(rule, before, after)
    taken = rule.verdict == APPROVALS and not asks_more
    held = f"added: {rule.verdict}, {words.fields(rule)}"
    return Change(f"rule {rule.name}", rule.verdict == ALLOW or taken, rule.verdict != ALLOW, held)


def _lets_through(policy: Policy, besides: Rule) -> bool:
    return any(rule.verdict != REFUSE and rule.name != besides.name for rule in policy.rules)


def _only_asks_more(rule: Rule, before: Policy, after: Policy) -> bool:
    """Whether a new rule takes only what a rule that allows, and that stands unchanged behind it, allowed
    before: with nothing but rules that allow between them.
    """
    old = _by_name(before)
    for later in after.rules[after.rules.index(rule) + 1 :]:
        if later.verdict != ALLOW:
            return False
        if old.get(later.name) == later and not _any_wider(later, rule):
            return True
    return False


def _any_wider(before: Rule, after: Rule) -> bool:
    """Whether `after` may match what `before` does not."""
    return (names_calls(after) and not names_calls(before)) or any(
        wider(field, getattr(before, field.name), getattr(after, field.name), ALLOW) for field in FIELDS
    )


def _changed(old: Rule, new: Rule, after: Policy) -> Iterator[Change]:
    place = f"rule {old.name}"
    if old.verdict != new.verdict:
        stricter = _STRICTNESS[new.verdict] > _STRICTNESS[old.verdict]
        yield Change(place, not stricter, stricter, f"verdict {old.verdict} -> {new.verdict}")
    for field in FIELDS:
        held, holds = getattr(old, field.name), getattr(new, field.name)
        if held != holds or (field.name == "operations" and held is None and old.verdict != new.verdict):
            more = any(wider(field, held, holds, verdict) for verdict in {old.verdict, new.verdict})
            less = any(wider(field, holds, held, verdict) for verdict in {old.verdict, new.verdict})
            if held == holds:  # left out, which means more to a rule that refuses
                more, less = new.verdict == REFUSE, old.verdict == REFUSE
            if field.name in ("contracts", "methods"):
                more = more or (names_calls(new) and not names_calls(old))
                less = less or (names_calls(old) and not names_calls(new))
            yield _field(old, new, after, field.name, more, less)
    if old.approvals != new.approvals and old.verdict == new.verdict:
        yield _requirement(f"{place}: approvals", old.approvals, new.approvals)


def _field(old: Rule, new: Rule, after: Policy, name: str, more: bool, less: bool) -> Change:
    """What a rule comes to match was decided behind it before, and what it no longer matches is now."""
    falls = less and (old.verdict == REFUSE or (old.verdict == APPROVALS and _lets_through(after, new)))
    takes = more and new.verdict != REFUSE
    tightens = (less and old.verdict != REFUSE) or (more and new.verdict != ALLOW)
    held, holds = (words.value(getattr(rule, name)) for rule in (old, new))
    return Change(f"rule {old.name}: {name}", falls or takes, tightens, f"{held} -> {holds}")


def _order(before: Policy, after: Policy) -> Iterator[Change]:
    """Pairs of rules that changed places."""
    old = {rule.name: place for place, rule in enumerate(before.rules)}
    kept = [rule for rule in after.rules if rule.name in old]
    earlier = _by_name(before)
    for place, first in enumerate(kept):
        for second in kept[place + 1 :]:
            if old[first.name] > old[second.name]:
                yield from _swapped(first, second, earlier)


def _swapped(first: Rule, second: Rule, earlier: Mapping[str, Rule]) -> Iterator[Change]:
    """`first` now stands before `second`. What both match is decided by the other one now."""
    was, now = earlier[second.name], first
    if was.verdict == now.verdict != APPROVALS or (was.verdict, was.approvals) == (
        now.verdict,
        now.approvals,
    ):
        looser = stricter = False
    elif was.verdict == now.verdict:
        looser = stricter = True
    else:
        looser = _STRICTNESS[now.verdict] < _STRICTNESS[was.verdict]
        stricter = not looser
    yield Change(f"rule {first.name}", looser, stricter, f"now stands before rule {second.name}")


# ---- what stands beside the rules


def _lists(before: Policy, after: Policy) -> Iterator[Change]:
    """An entry more lets the rules that name its list match more, whatever they decide."""
    for name in dict.fromkeys((*before.lists, *after.lists)):
        held, holds = (set(policy.lists.get(name, ())) for policy in (before, after))
        rules = (rule for rule in (*before.rules, *after.rules) if _names(rule, name))
        stops = any(rule.verdict != ALLOW for rule in rules)
        if holds - held:
            yield Change(f"list {name}", True, stops, f"with {', '.join(sorted(holds - held))}")
        if held - holds:
            yield Change(f"list {name}", stops, True, f"without {', '.join(sorted(held - holds))}")


def _names(rule: Rule, name: str) -> bool:
    texts = (*(rule.destinations or ()), *(rule.contracts or ()), *(rule.messages or ()))
    lifted = tuple(subject for lift in rule.lifts or () for subject in lift.subjects)
    return f"list:{name}" in texts + lifted


def _limits(before: Policy, after: Policy) -> Iterator[Change]:
    old, new = ({limit.asset: limit for limit in policy.limits} for policy in (before, after))
    for asset in dict.fromkeys((*old, *new)):
        held, holds = old.get(asset), new.get(asset)
        if held != holds:
            more, less = _looser_limit(held, holds), _looser_limit(holds, held)
            yield Change(f"limit of {asset}", more, less, f"{_limit(held)} -> {_limit(holds)}")


def _looser_limit(before: Limit | None, after: Limit | None) -> bool:
    if before is None:
        return False
    if after is None:
        return True
    per_tx = before.per_tx is not None and (after.per_tx is None or after.per_tx > before.per_tx)
    if before.max is None or before.seconds is None:
        return per_tx
    if after.max is None or after.seconds is None:
        return True
    return per_tx or after.max > before.max or after.seconds < before.seconds


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return "none"
    parts = [] if limit.per_tx is None else [f"{limit.per_tx} a transaction"]
    return ", ".join(parts if limit.max is None else [*parts, f"{limit.max} in {limit.seconds} s"])


def _fee_limits(before: Policy, after: Policy) -> Iterator[Change]:
    """A chain's own limit stands in place of its family's, so what is compared is what is in force."""
    for chain in dict.fromkeys(limit.chain for limit in (*before.fee_limits, *after.fee_limits)):
        held, holds = (_fee_limit(policy.fee_limits, chain) for policy in (before, after))
        if held != holds:
            more = held is not None and (holds is None or holds > held)
            yield Change(f"fee limit of {chain}", more, not more, f"{_or_none(held)} -> {_or_none(holds)}")


def _fee_limit(limits: Sequence[FeeLimit], chain: str) -> int | None:
    by_chain = {limit.chain: limit.max for limit in limits}
    return by_chain.get(chain, by_chain.get(chain.partition(":")[0]))


def _or_none(value: int | None) -> str:
    return "none" if value is None else str(value)


def _numbers(before: Policy, after: Policy) -> Iterator[Change]:
    for name, larger_loosens in (("new_destination_delay", False), ("gap_limit", True)):
        held, holds = getattr(before, name), getattr(after, name)
        if held != holds:
            more = (holds > held) == larger_loosens
            yield Change(name, more, not more, f"{held} -> {holds}")


def _approvals(before: Policy, after: Policy) -> Iterator[Change]:
    if before.approvals != after.approvals:
        yield _requirement("approvals of every request", before.approvals, after.approvals)


def _requirement(place: str, held: Requirement | None, holds: Requirement | None) -> Change:
    more, less = not implies(holds, held), not implies(held, holds)
    return Change(place, more, less, f"{words.value(held)} -> {words.value(holds)}")
