"""What a charter version changes, in words, and what of it loosens (docs/spec/charter.md, "Loosening").

Pure, and on the side of caution: a change is tightening only where this module can show it. What it does not
know, a member added to the charter later for instance, loosens.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from quorate.core.model import canonical
from quorate.core.model.charter.policy_types import Policy
from quorate.core.model.charter.types import REQUESTER, VIEWER, Charter
from quorate.core.model.intent_parts import TRANSFER
from quorate.core.policy import diff as policy_diff


@dataclass(frozen=True, slots=True)
class Change:
    """`words` is one sentence for people; `loosens` decides whether the version waits for its timelock."""

    words: str
    loosens: bool


Value: TypeAlias = Any
"""JSON of a charter: both versions were parsed, so its form is that of the specification."""


def changes(before: Charter, after: Charter) -> tuple[Change, ...]:
    """Every difference between two versions but their number, date and link to the version before."""
    old, new = (_json(charter) for charter in (before, after))
    found: list[Change] = []
    for name in sorted((old.keys() | new.keys()) - _LINEAGE):
        pair = (old.get(name), new.get(name))
        if pair[0] == pair[1]:
            continue
        if name == "policy":
            found += _policy(before.policy, after.policy)
        else:
            found += _MEMBERS.get(name, _unknown)(_Member(name, *pair, rules=_rules(old)))
    return tuple(found)


def loosens(before: Charter, after: Charter) -> bool:
    return any(change.loosens for change in changes(before, after))


def _policy(before: Policy, after: Policy) -> Sequence[Change]:
    """The documents differ, so a difference that cannot be named is one that may let more through."""
    found = [
        Change(f"policy: {change.line()}", change.loosens) for change in policy_diff.changes(before, after)
    ]
    return found or [Change("the policy changes", loosens=True)]


_LINEAGE: Final = frozenset({"version", "previous", "created_at"})


@dataclass(frozen=True, slots=True)
class _Member:
    """One member in both versions, None where left out, and the policy's rules of the version before."""

    name: str
    before: Value
    after: Value
    rules: Sequence[Mapping[str, Value]]


def _json(charter: Charter) -> dict[str, Value]:
    value = canonical.decode(charter.body)
    assert isinstance(value, dict)  # noqa: S101 - it was parsed
    return value


def _rules(charter: Mapping[str, Value]) -> Sequence[Mapping[str, Value]]:
    policy = charter.get("policy")
    rules = policy.get("rules") if isinstance(policy, dict) else None
    return rules if isinstance(rules, list) else ()


def _unknown(member: _Member) -> Iterator[Change]:
    yield Change(f"{member.name.replace('_', ' ')} changes", loosens=True)


def _lower_tightens(member: _Member) -> Iterator[Change]:
    yield _number(member.name, member.before, member.after, loosens=member.after > member.before)


def _timelock(member: _Member) -> Iterator[Change]:
    before, after = member.before or 0, member.after or 0
    if before != after:
        yield _number("timelock", before, after, loosens=after < before)


def _number(name: str, before: int, after: int, *, loosens: bool) -> Change:
    verb = "rises" if after > before else "falls"
    return Change(f"{name.replace('_', ' ')} {verb} from {before} to {after}", loosens)


# -- lists of things with an id


Pair: TypeAlias = Callable[[Mapping[str, Value], Mapping[str, Value]], bool]


def _entries(
    what: str,
    *,
    removal_loosens: Callable[[_Member], bool] = lambda _: False,
    tightens: Pair | None = None,
    names: tuple[str, ...] = ("id",),
) -> Callable[[_Member], Iterator[Change]]:
    """Adding loosens. Removing tightens unless `removal_loosens`, changing loosens unless `tightens`. `names`
    are the members that tell one entry from another.
    """

    def named(side: Value) -> dict[str, Mapping[str, Value]]:
        return {" ".join(entry[name] for name in names): entry for entry in side or ()}

    def compare(member: _Member) -> Iterator[Change]:
        before, after = named(member.before), named(member.after)
        for id in sorted(before.keys() - after.keys()):
            yield Change(f"{what} {id} is removed", removal_loosens(member))
        for id in sorted(after.keys() - before.keys()):
            yield Change(f"{what} {id} is added", loosens=True)
        for id in sorted(before.keys() & after.keys()):
            if before[id] != after[id]:
                tight = tightens is not None and tightens(before[id], after[id])
                yield Change(f"{what} {id}: {_differing(before[id], after[id])}", not tight)
        if [id for id in before if id in after] != [id for id in after if id in before]:
            yield Change(f"the order of {what}s changes", loosens=True)

    return compare


def _differing(before: Mapping[str, Value], after: Mapping[str, Value]) -> str:
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return ", ".join(_one(name, before.get(name), after.get(name)) for name in names)


def _one(name: str, before: Value, after: Value) -> str:
    words = name.replace("_", " ")
    if isinstance(before, str | int) and isinstance(after, str | int) and len(f"{before}{after}") <= _SHORT:
        return f"{words} {before} becomes {after}"
    return f"{words} changes"


_SHORT: Final = 120
"""Characters of both values, beyond which the words name the member only."""


def _only(before: Mapping[str, Value], after: Mapping[str, Value], allowed: Mapping[str, Pair]) -> bool:
    """Nothing differs but the `allowed` members, each in its tightening direction."""
    differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return all(name in allowed and allowed[name](before, after) for name in differing)


def _user_tightens(before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
    def role(b: Mapping[str, Value], a: Mapping[str, Value]) -> bool:
        return bool(b["role"] == REQUESTER and a["role"] == VIEWER)

    return _only(before, after, {"role": role})


def _chain_tightens(before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
    """Lower limits, and nothing else."""

    def lower(name: str) -> Pair:
        return lambda b, a: int(a[name]) < int(b[name])

    return _only(before, after, {name: lower(name) for name in ("fee_cap", "nonce_window")})


_NAMED: Final = ("own_account", "whitelist")


def _one_time_is_allowed(member: _Member) -> bool:
    """An address taken from the whitelist becomes a one-time address: what rules say of those counts then."""

    def named(destination: object) -> bool:
        return isinstance(destination, str) and destination.partition(":")[0] in _NAMED

    def harmless(rule: Mapping[str, Value]) -> bool:
        destinations = rule.get("destinations")
        return rule.get("verdict") == "refuse" or (
            isinstance(destinations, list) and all(named(destination) for destination in destinations)
        )

    return not all(harmless(rule) for rule in member.rules)


def _raw_is_allowed(member: _Member) -> bool:
    """What RAW signs is read as a transaction of a chain only while the charter names that chain."""

    def harmless(rule: Mapping[str, Value]) -> bool:
        operations = rule.get("operations", [TRANSFER])
        return rule.get("verdict") == "refuse" or operations == [TRANSFER]

    return not all(harmless(rule) for rule in member.rules)


def _blind_is_lifted(member: _Member) -> bool:
    """Without its document a call is blind again: a rule that lifts that may then be the one that decides."""

    def lifts(rule: Mapping[str, Value]) -> bool:
        return any(lift.get("prohibition") == "blind" for lift in rule.get("lifts", ()))

    return any(lifts(rule) for rule in member.rules)


# -- the other members


def _administrators(member: _Member) -> Iterator[Change]:
    """Each of them may freeze and veto alone, so taking one away loosens as adding one does."""
    before, after = member.before, member.after
    if before["quorum"] != after["quorum"]:
        lower = after["quorum"] < before["quorum"]
        yield _number("administrators' quorum", before["quorum"], after["quorum"], loosens=lower)
    lists = _Member(member.name, before["members"], after["members"], member.rules)
    yield from _entries("administrator", removal_loosens=lambda _: True)(lists)


def _raw_keys(member: _Member) -> Iterator[Change]:
    for scheme in sorted(member.before.keys() | member.after.keys()):
        before, after = member.before.get(scheme), member.after.get(scheme)
        if before != after:
            words = f"RAW with {scheme} signs with {after or 'no key'} instead of {before or 'no key'}"
            yield Change(words, loosens=after is not None)


_MEMBERS: Final[Mapping[str, Callable[[_Member], Iterator[Change]]]] = {
    "administrators": _administrators,
    "annotations": _entries("document for", removal_loosens=_blind_is_lifted, names=("chain", "contract")),
    "approvers": _entries("approver", removal_loosens=lambda _: True),
    "assets": _entries("asset", removal_loosens=_raw_is_allowed),
    "chains": _entries("chain", removal_loosens=_raw_is_allowed, tightens=_chain_tightens),
    "keys": _entries("key"),
    "raw_keys": _raw_keys,
    "request_lifetime": _lower_tightens,
    "signers": _entries("signer", removal_loosens=lambda _: True),
    "skew": _lower_tightens,
    "timelock": _timelock,
    "users": _entries("user", tightens=_user_tightens),
    "whitelist": _entries("whitelist entry", removal_loosens=_one_time_is_allowed),
}
