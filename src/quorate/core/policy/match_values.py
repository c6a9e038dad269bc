"""Fields that compare: amounts, times, and what was let through before."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from quorate.core.model.charter.policy_forms import TRANSFER
from quorate.core.model.charter.policy_types import Hours, Policy, Rule, Window
from quorate.core.policy.act import Act
from quorate.core.policy.addresses import normal
from quorate.core.policy.case import Case, Predicate
from quorate.core.policy.request import TallyLine

SENDS: Final = (TRANSFER, "STAKE", "ORDER", "RESOURCE_DELEGATION")
"""Operations that send value to a destination. Spenders and contracts are named by the rules about them."""
_DAY_MS: Final = 86_400_000
_EPOCH_DAY: Final = 3  # 1 January 1970 was a Thursday, and 0 is Monday


# ---- amounts


def max_amount(value: int, rule: Rule, policy: Policy) -> Predicate:
    return lambda act, case: act.total is not None and act.total <= value


def min_amount(value: int, rule: Rule, policy: Policy) -> Predicate:
    """What has no bound is more than any amount."""
    return lambda act, case: not act.bounded or (act.total is not None and act.total >= value)


def first_use(value: int, rule: Rule, policy: Policy) -> Predicate:
    return lambda act, case: (
        act.is_own
        or normal(act.to or "") in case.tally.used
        or (act.total is not None and act.total <= value)
    )


def max_fee(value: int, rule: Rule, policy: Policy) -> Predicate:
    return lambda act, case: case.fee is not None and case.fee <= value


def max_ratio(value: str, rule: Rule, policy: Policy) -> Predicate:
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


def external_id(value: bool, rule: Rule, policy: Policy) -> Predicate | None:
    return (lambda act, case: case.request.external_id is not None) if value else None


def hours(value: tuple[Hours, ...], rule: Rule, policy: Policy) -> Predicate:
    def matches(act: Act, case: Case) -> bool:
        day, minute = case.now_ms // _DAY_MS, case.now_ms % _DAY_MS // 60_000
        weekday = (day + _EPOCH_DAY) % 7
        return any(weekday in span.days and span.start <= minute < span.end for span in value)

    return matches


def age_ms(act: Act, case: Case, rule: Rule | None = None) -> int | None:
    """For how long the destination of value is known; -1: not at all. None: nothing goes anywhere, or the
    destination is named, in the charter or in a list that `rule` is about.
    """
    if act.to is None or act.is_own or act.operation not in SENDS:
        return None
    known = case.tally.known_ms.get(normal(act.to))
    if known is not None:
        return max(case.now_ms - known, 0)
    named = "one_time" not in act.kinds or _in_list_of(act, rule)
    return None if named else -1


def _in_list_of(act: Act, rule: Rule | None) -> bool:
    listed = () if rule is None else rule.destinations or ()
    return any(kind.startswith("list:") and kind in listed for kind in act.kinds)


def delay(value: int, rule: Rule, policy: Policy) -> Predicate:
    def matches(act: Act, case: Case) -> bool:
        age = age_ms(act, case, rule)
        return age is None or age >= 1000 * value

    return matches


def window(value: Window, rule: Rule, policy: Policy) -> Predicate:
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
    own, asset = case.request.intent_hash, act.asset
    lines = [
        line
        for line in case.tally.lines
        if line.asset == asset and line.time_ms >= since_ms and line.intent_hash != own
    ]
    for name in per:
        lines = _SAME[name](lines, act, case)
    amounts: dict[tuple[bytes, str], int] = {}
    for line in lines:
        key = line.intent_hash, line.destination
        if line.amount > amounts.get(key, 0):
            amounts[key] = line.amount
    return sum(amounts.values())


def _same_destination(lines: list[TallyLine], act: Act, case: Case) -> list[TallyLine]:
    """Mostly they are written alike. `normal` is asked only about what is equal without regard to case."""
    to = act.to or ""
    folded, exact = to.lower(), normal(to)
    return [
        line
        for line in lines
        if line.destination == to
        or (line.destination.lower() == folded and normal(line.destination) == exact)
    ]


def _same_requester(lines: list[TallyLine], act: Act, case: Case) -> list[TallyLine]:
    requester = case.evidence.requester
    return [line for line in lines if line.user == requester]


def _same_source(lines: list[TallyLine], act: Act, case: Case) -> list[TallyLine]:
    source = case.request.source or ""
    return [line for line in lines if line.source == source]


_SAME: Final[Mapping[str, Callable[[list[TallyLine], Act, Case], list[TallyLine]]]] = {
    "requester": _same_requester,
    "source": _same_source,
    "destination": _same_destination,
}
