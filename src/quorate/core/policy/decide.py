"""Policy, request, tally, time -> decision.

Pure and integers only: the same inputs give the same answer at every signer.

Order: absolute prohibitions, then the rules from the first on; the first rule all of whose fields match
decides; nothing matched is refused. Fields are checked in the order of `FIELDS`, the limits last, so that the
first field that does not match also says how close the rule came.

Reason class of a refusal:
- a prohibition or a rule with verdict `refuse`: `prohibited`;
- nothing matched: among the rules that could have allowed, the one that came furthest tells: `velocity` (only
  the window was exceeded), `amount_limit` (all but the amount), `unknown_destination` (all up to the
  destination); RAW: `raw_digest`; otherwise `no_rule_matched`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from quorate.core.chains.hd import RAW_PURPOSE
from quorate.core.errors import TraceLine
from quorate.core.model.charter import Policy, Rule, Window
from quorate.core.model.intent import RAW
from quorate.core.policy.request import ALLOW, REFUSE, Decision, PolicyRequest, TallyLine

RAW_ON_ASSET_PATH: Final = "raw_on_asset_path"
"""The absolute prohibition: RAW outside the RAW branch, unless a rule lifts it. (No rule has this name.)"""

FIELDS: Final = (
    "requesters",
    "operations",
    RAW_ON_ASSET_PATH,
    "sources",
    "assets",
    "destinations",
    "max_amount",
    "window",
)

PROHIBITED: Final = "prohibited"
NO_RULE_MATCHED: Final = "no_rule_matched"
RAW_DIGEST: Final = "raw_digest"
_NEAREST: Final = (
    ("window", "velocity"),
    ("max_amount", "amount_limit"),
    ("destinations", "unknown_destination"),
)


def decide(policy: Policy, request: PolicyRequest, tally: Sequence[TallyLine], now_ms: int) -> Decision:
    """`tally` is the union over all signers, in any order, doubles included.

    `now_ms` is the deciding signer's clock, Unix milliseconds.
    """
    mismatches = ((rule, _first_mismatch(rule, request, tally, now_ms)) for rule in policy.rules)
    if _off_raw_branch(request) and not any(_lifts_prohibition(rule) for rule in policy.rules):
        trace = tuple(TraceLine(rule.name, field) for rule, field in mismatches if field)
        return Decision(REFUSE, RAW_ON_ASSET_PATH, PROHIBITED, trace)
    passed: list[TraceLine] = []
    almost: set[str] = set()
    for rule, field in mismatches:
        if not field:
            return _matched(rule, passed)
        passed.append(TraceLine(rule.name, field))
        if rule.verdict == ALLOW:
            almost.add(field)
    return Decision(REFUSE, "", _reason(request, almost), tuple(passed))


def _matched(rule: Rule, passed: Iterable[TraceLine]) -> Decision:
    if rule.verdict == ALLOW:
        return Decision(ALLOW, rule.name, "", tuple(passed))
    return Decision(REFUSE, rule.name, PROHIBITED, tuple(passed))


def _reason(request: PolicyRequest, almost: set[str]) -> str:
    if request.operation == RAW:
        return RAW_DIGEST
    return next((reason for field, reason in _NEAREST if field in almost), NO_RULE_MATCHED)


def _first_mismatch(rule: Rule, request: PolicyRequest, tally: Sequence[TallyLine], now_ms: int) -> str:
    """The first of FIELDS that does not match; empty when the rule matches."""
    for field in FIELDS[:-1]:
        if not _MATCHES[field](rule, request):
            return field
    return "" if _within_window(rule.window, request, tally, now_ms) else "window"


def _listed(allowed: tuple[str, ...] | None, value: str | None) -> bool:
    return allowed is None or value in allowed


def _operation_matches(rule: Rule, request: PolicyRequest) -> bool:
    """RAW is matched only by a rule that names it."""
    if rule.operations is None:
        return request.operation != RAW
    return request.operation in rule.operations


def _raw_path_matches(rule: Rule, request: PolicyRequest) -> bool:
    """A rule that allows RAW outside the RAW branch must say so; one that refuses need not."""
    return rule.verdict != ALLOW or rule.raw_on_asset_path is True or not _off_raw_branch(request)


def _destination_matches(rule: Rule, request: PolicyRequest) -> bool:
    """By kind (`whitelist`) or by kind and id (`whitelist:<id>`)."""
    if rule.destinations is None:
        return True
    destination = request.destination
    if destination is None:
        return False
    return destination.type in rule.destinations or (
        destination.id is not None and f"{destination.type}:{destination.id}" in rule.destinations
    )


def _amount_matches(rule: Rule, request: PolicyRequest) -> bool:
    return rule.max_amount is None or (request.amount is not None and request.amount <= rule.max_amount)


_MATCHES: Final[Mapping[str, Callable[[Rule, PolicyRequest], bool]]] = {
    "requesters": lambda rule, request: _listed(rule.requesters, request.user),
    "operations": _operation_matches,
    RAW_ON_ASSET_PATH: _raw_path_matches,
    "sources": lambda rule, request: _listed(rule.sources, request.source),
    "assets": lambda rule, request: _listed(rule.assets, request.asset),
    "destinations": _destination_matches,
    "max_amount": _amount_matches,
}


def _within_window(
    window: Window | None, request: PolicyRequest, tally: Sequence[TallyLine], now_ms: int
) -> bool:
    """What was let through within the last `seconds`, plus this amount, is at most `max`.

    An entry just `seconds` old still counts.
    """
    if window is None:
        return True
    if request.amount is None:
        return False
    since_ms = now_ms - window.seconds * 1000
    return _let_through(window.per, request, tally, since_ms) + request.amount <= window.max


def _let_through(
    per: Sequence[str], request: PolicyRequest, tally: Sequence[TallyLine], since_ms: int
) -> int:
    """Sum over intents, each once, with its largest claim, while any signer's entry of it is recent enough.

    So no signer can make another one's entry age sooner or weigh less by dating or filling in its own
    differently.
    """
    amounts: dict[bytes, int] = {}
    for line in tally:
        if line.time_ms >= since_ms and line.intent_hash != request.intent_hash and _same(per, line, request):
            amounts[line.intent_hash] = max(line.amount, amounts.get(line.intent_hash, 0))
    return sum(amounts.values())


def _same(per: Sequence[str], line: TallyLine, request: PolicyRequest) -> bool:
    """Whether the line counts for this request: the same asset and the same values of `per`."""
    address = None if request.destination is None else request.destination.address
    pairs = {
        "requester": (line.user, request.user),
        "source": (line.source, request.source),
        "destination": (line.destination, address),
    }
    return line.asset == request.asset and all(pairs[name][0] == pairs[name][1] for name in per)


def _off_raw_branch(request: PolicyRequest) -> bool:
    """RAW on any path that is not below 1729, where asset addresses cannot be."""
    return request.operation == RAW and any(path[:1] != (RAW_PURPOSE,) for path in request.raw_paths)


def _lifts_prohibition(rule: Rule) -> bool:
    return (
        rule.verdict == ALLOW
        and rule.raw_on_asset_path is True
        and rule.operations is not None
        and RAW in rule.operations
    )
