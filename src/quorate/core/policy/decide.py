"""Policy, request, effects, evidence, tally, time -> decision.

Pure and integers only: the same inputs give the same answer at every signer.

Order, for each act of the request: absolute prohibitions; limits; then the rules from the first on; the first
rule all of whose fields match decides; nothing matched is refused. Fields are checked in the order of
`policy_fields.FIELDS`, the limits last, so that the first field that does not match also says how close the
rule came. The request gets the strictest answer that one of its acts got: refuse, then approvals, then
allow. docs/spec/policy.md is the whole of it in words.

Reason class of a refusal: nobody proven to have asked, `missing_evidence`; a rejection, `vetoed`; a
prohibition or a limit has its own; a rule with verdict `refuse`, `prohibited`; nothing matched, see
`reasons`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.effects import Effect
from quorate.core.errors import TraceLine
from quorate.core.model.charter.policy_forms import RAW
from quorate.core.model.charter.policy_types import Policy, Requirement, Rule
from quorate.core.policy import limits, reasons
from quorate.core.policy.act import Act
from quorate.core.policy.acts import acts_of, max_fee
from quorate.core.policy.approvals import VETO, VETOED, satisfied, vetoed
from quorate.core.policy.case import Case
from quorate.core.policy.compiled import Compiled, compiled
from quorate.core.policy.match import RAW_ON_ASSET_PATH, off_raw_branch
from quorate.core.policy.prohibitions import PROHIBITIONS, RANK, World
from quorate.core.policy.reasons import MISSING_EVIDENCE, PROHIBITED
from quorate.core.policy.request import (
    ALLOW,
    APPROVALS,
    REFUSE,
    Decision,
    Evidence,
    PolicyRequest,
    TallyView,
)

REQUESTER_EVIDENCE: Final = "requester_evidence"
PROHIBITION: Final = "prohibition:"
"""Before the name of what decided, where it is one of the table. (No rule has such a name.)"""
_BY_LIMIT: Final = len(PROHIBITIONS)
_BY_RULE: Final = _BY_LIMIT + 1
_NEAREST: Final = (*(reason for _, reason in reasons.NEAREST),)


@dataclass(frozen=True, slots=True)
class _Answer:
    """For one act. Of several refusals the one of the lowest `rank` is told."""

    verdict: str
    rank: tuple[int, ...]
    rule: str
    reason: str
    trace: tuple[TraceLine, ...]
    needs: tuple[Requirement, ...] = ()


def decide(
    policy: Policy,
    request: PolicyRequest,
    effects: Sequence[Effect],
    evidence: Evidence,
    tally: TallyView,
    now_ms: int,
) -> Decision:
    """`effects` are what the exact bytes do, in any order; empty for RAW. `now_ms` is the deciding signer's
    clock, Unix milliseconds.
    """
    engine = compiled(policy)
    case = Case(request, evidence, tally, max_fee(effects), now_ms)
    acts = acts_of(effects, World(request, policy.gap_limit), engine.lists)
    answers = [_judge(act, case, engine) for act in acts]
    if evidence.requester is None:
        return _overruled(answers, REQUESTER_EVIDENCE, MISSING_EVIDENCE)
    if vetoed(evidence):
        return _overruled(answers, VETO, VETOED)
    return _strictest(answers)


def _strictest(answers: Sequence[_Answer]) -> Decision:
    for verdict in (REFUSE, APPROVALS, ALLOW):
        same = [answer for answer in answers if answer.verdict == verdict]
        if same:
            told = min(same, key=_told)
            needs = tuple(dict.fromkeys(need for answer in same for need in answer.needs))
            return Decision(verdict, told.rule, told.reason, told.trace, needs)
    raise AssertionError("a request has at least one act")


def _told(answer: _Answer) -> tuple[object, ...]:
    """A fixed choice among equals, whatever the order of the effects."""
    return answer.rank, answer.reason, answer.rule, [(t.rule, t.first_mismatch) for t in answer.trace]


def _overruled(answers: Sequence[_Answer], rule: str, reason: str) -> Decision:
    return Decision(REFUSE, rule, reason, min(answers, key=_told).trace)


def _judge(act: Act, case: Case, engine: Compiled) -> _Answer:
    trace, matched = _first_match(act, case, engine)
    refused = _prohibited(act, case, engine) or _limited(act, case, engine)
    if refused is not None:
        rank, rule, reason = refused
        return _Answer(REFUSE, rank, rule, reason, _all_mismatches(act, case, engine))
    if matched is None:
        reason = reasons.nothing_matched(act, _almost(trace, engine))
        return _Answer(REFUSE, (_BY_RULE, _nearness(reason)), "", reason, trace)
    if matched.verdict == REFUSE:
        return _Answer(REFUSE, (_BY_RULE, -1), matched.name, PROHIBITED, trace)
    if limits.is_new(act, case, engine, matched):
        return _Answer(REFUSE, (_BY_RULE, 0), limits.DELAY, limits.NEW_DESTINATION_DELAY, trace)
    return _approved(matched, trace, case, engine)


def _first_match(act: Act, case: Case, engine: Compiled) -> tuple[tuple[TraceLine, ...], Rule | None]:
    trace: list[TraceLine] = []
    for rule in engine.rules:
        line = rule.mismatch(act, case)
        if line is None:
            return tuple(trace), rule.rule
        trace.append(line)
    return tuple(trace), None


def _all_mismatches(act: Act, case: Case, engine: Compiled) -> tuple[TraceLine, ...]:
    lines = (rule.mismatch(act, case) for rule in engine.rules)
    return tuple(line for line in lines if line is not None)


def _prohibited(act: Act, case: Case, engine: Compiled) -> tuple[tuple[int, ...], str, str] | None:
    """What is prohibited and lifted by no rule at all: (rank, prohibition, reason class)."""
    if act.operation == RAW and off_raw_branch(case.request) and not engine.raw_lifted:
        return (-1,), RAW_ON_ASSET_PATH, PROHIBITED
    hit = reasons.worst(hit for hit in act.hits if not engine.is_lifted(hit))
    if hit is None:
        return None
    return (RANK[hit.prohibition],), PROHIBITION + hit.prohibition, reasons.of_prohibition(hit.prohibition)


def _limited(act: Act, case: Case, engine: Compiled) -> tuple[tuple[int, ...], str, str] | None:
    for order, (limit, reason) in enumerate(limits.exceeded(act, case, engine)):
        return (_BY_LIMIT, order), limit, reason
    return None


def _almost(trace: Sequence[TraceLine], engine: Compiled) -> frozenset[str]:
    """First mismatches of the rules that could have let it through."""
    pairs = zip(trace, engine.rules, strict=True)
    return frozenset(line.first_mismatch for line, rule in pairs if rule.rule.verdict != REFUSE)


def _nearness(reason: str) -> int:
    return _NEAREST.index(reason) if reason in _NEAREST else len(_NEAREST)


def _approved(rule: Rule, trace: tuple[TraceLine, ...], case: Case, engine: Compiled) -> _Answer:
    """Allowed, as far as the approvals are there that the rule wants and that the policy always wants."""
    wanted = (rule.approvals, engine.policy.approvals)
    needs = tuple(need for need in wanted if need is not None and not satisfied(need, case.evidence))
    if needs:
        return _Answer(APPROVALS, (), rule.name, MISSING_EVIDENCE, trace, needs)
    return _Answer(ALLOW, (), rule.name, "", trace)
