"""One field of one rule -> whether an act matches it. Built once for a policy, asked for every act."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quorate.core.chains.hd import RAW_PURPOSE
from quorate.core.model.charter.policy_readers import RAW, TRANSFER
from quorate.core.model.charter.policy_types import REFUSE, Hours, Lift, Policy, Rule, Window
from quorate.core.policy.acts import Act
from quorate.core.policy.addresses import normal
from quorate.core.policy.prohibitions import BY_NAME, Hit
from quorate.core.policy.request import Evidence, PolicyRequest, TallyLine, TallyView

RAW_ON_ASSET_PATH: Final = "raw_on_asset_path"
LIFTS: Final = "lifts"
_SENDS: Final = (TRANSFER, "STAKE", "ORDER", "RESOURCE_DELEGATION")
"""Operations that send value to a destination. Spenders and contracts are named by the rules about them."""
_ONE_TIME: Final = frozenset({"one_time"})
_DAY_MS: Final = 86_400_000
_EPOCH_DAY: Final = 3  # 1 January 1970 was a Thursday, and 0 is Monday


@dataclass(frozen=True, slots=True)
class Case:
    """One request at one moment: what fields look at beside the act. `fee` as `acts.max_fee`."""

    request: PolicyRequest
    evidence: Evidence
    tally: TallyView
    fee: int | None
    now_ms: int


Predicate = Callable[[Act, Case], bool]
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


def _contracts(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    listed = frozenset(normal(text) for text in value)
    return lambda act, case: not listed.isdisjoint(act.contracts)


def _methods(value: tuple[str, ...], rule: Rule, policy: Policy) -> Predicate:
    listed = frozenset(value)
    return lambda act, case: act.method in listed


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


# ---- amounts


def _max_amount(value: int, rule: Rule, policy: Policy) -> Predicate:
    return lambda act, case: act.total is not None and act.total <= value


def _min_amount(value: int, rule: Rule, policy: Policy) -> Predicate:
    """What has no bound is more than any amount."""
    return lambda act, case: not act.bounded or (act.total is not None and act.total >= value)


def _first_use(value: int, rule: Rule, policy: Policy) -> Predicate:
    return lambda act, case: (
        act.is_own
        or normal(act.to or "") in case.tally.used
        or (act.total is not None and act.total <= value)
    )


def _max_fee(value: int, rule: Rule, policy: Policy) -> Predicate:
    return lambda act, case: case.fee is not None and case.fee <= value


def _max_ratio(value: str, rule: Rule, policy: Policy) -> Predicate:
    """Exact: amount / 10^decimals <= deposit / 10^decimals x ratio, all multiplied out."""
    whole, _, fraction = value.partition(".")
    ratio, scale = int(whole + fraction), 10 ** len(fraction)

    def matches(act: Act, case: Case) -> bool:
        deposit = case.request.deposit
        if deposit is None or act.total is None or act.decimals is None:
            return False
        minted = act.total * 10**deposit.decimals * scale
        return bool(minted <= deposit.amount * 10**act.decimals * ratio)

    return matches


# ---- time


def _external_id(value: bool, rule: Rule, policy: Policy) -> Predicate | None:
    return (lambda act, case: case.request.external_id is not None) if value else None


def _hours(value: tuple[Hours, ...], rule: Rule, policy: Policy) -> Predicate:
    def matches(act: Act, case: Case) -> bool:
        day, minute = case.now_ms // _DAY_MS, case.now_ms % _DAY_MS // 60_000
        weekday = (day + _EPOCH_DAY) % 7
        return any(weekday in span.days and span.start <= minute < span.end for span in value)

    return matches


def age_ms(act: Act, case: Case) -> int | None:
    """For how long the destination of value is known; None: by name, in the charter or a list of the policy,
    or nothing goes anywhere; -1: not at all.
    """
    if act.to is None or act.is_own or act.operation not in _SENDS:
        return None
    known = case.tally.known_ms.get(normal(act.to))
    if known is not None:
        return max(case.now_ms - known, 0)
    return -1 if act.kinds == _ONE_TIME else None


def _delay(value: int, rule: Rule, policy: Policy) -> Predicate:
    def matches(act: Act, case: Case) -> bool:
        age = age_ms(act, case)
        return age is None or age >= 1000 * value

    return matches


def _window(value: Window, rule: Rule, policy: Policy) -> Predicate:
    """What was let through within the last `seconds`, plus this amount, is at most `max`.

    An entry just `seconds` old still counts.
    """
    per_destination = "destination" in value.per

    def matches(act: Act, case: Case) -> bool:
        asked = act.to_total if per_destination else act.total
        if act.total is None or asked is None:
            return False
        since_ms = case.now_ms - value.seconds * 1000
        return let_through(value.per, act, case, since_ms) + asked <= value.max

    return matches


def let_through(per: Sequence[str], act: Act, case: Case, since_ms: int) -> int:
    """Sum over intents, each once for a destination, with its largest claim, while any signer's entry of it
    is recent enough.

    So no signer can make another one's entry age sooner or weigh less by dating or filling in its own
    differently.
    """
    amounts: dict[tuple[bytes, str], int] = {}
    for line in case.tally.lines:
        if line.time_ms < since_ms or line.intent_hash == case.request.intent_hash or line.asset != act.asset:
            continue
        if all(_SAME[name](line, act, case) for name in per):
            key = line.intent_hash, line.destination
            amounts[key] = max(line.amount, amounts.get(key, 0))
    return sum(amounts.values())


_SAME: Final[Mapping[str, Callable[[TallyLine, Act, Case], bool]]] = {
    "requester": lambda line, act, case: line.user == case.evidence.requester,
    "source": lambda line, act, case: line.source == (case.request.source or ""),
    "destination": lambda line, act, case: normal(line.destination) == normal(act.to or ""),
}

_ALWAYS: Final = ("operations", RAW_ON_ASSET_PATH, LIFTS)
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
    "external_id": _external_id,
    "hours": _hours,
    "new_destination_delay": _delay,
    "max_fee": _max_fee,
    "max_ratio_to_deposit": _max_ratio,
    "min_amount": _min_amount,
    "first_use_max_amount": _first_use,
    "max_amount": _max_amount,
    "window": _window,
}
