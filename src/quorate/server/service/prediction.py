"""The signers' own policy, run by the server to know whether it is worth asking them. It decides nothing."""

from functools import lru_cache
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.evidence import approval
from quorate.core.evidence.approval import Approval
from quorate.core.model.charter import Policy
from quorate.core.model.intent import Intent
from quorate.core.policy import TallyView, decide, explain
from quorate.core.policy.request import APPROVALS
from quorate.core.policy.subject import Subject
from quorate.server import clock
from quorate.server.service.context import Context

BY_RECORD: Final = frozenset({"window", "first_use_max_amount", "new_destination_delay"})
"""Fields that signers judge by what they let through before, which is not known here."""


@lru_cache(maxsize=16)
def wants_people(policy: Policy) -> bool:
    """Whether any request may have to wait for people under this policy."""
    return policy.approvals is not None or any(rule.verdict == APPROVALS for rule in policy.rules)


def missing(ctx: Context, intent: Intent, approvals: tuple[Approval, ...]) -> tuple[str, ...]:
    """What approvals are missing, in words; empty when signers may be asked, whatever they will say.

    Where a rule before the deciding one could match at a signer and did not here, signers are asked; they are
    too where what is requested cannot be read, and refuse it.
    """
    charter = ctx.book.charter
    if not wants_people(charter.policy):
        return ()
    subject = Subject(charter, intent, ctx.book.certificates.get(intent.key))
    evidence = approval.for_policy(charter, intent.user, approvals)
    try:
        request, effects = subject.request(), subject.effects
    except QuorateError:
        return ()
    decision = decide(charter.policy, request, effects, evidence, TallyView(), clock.milliseconds())
    uncertain = any(line.first_mismatch in BY_RECORD for line in decision.trace)
    return tuple(explain.lines(decision)[:1]) if decision.verdict == APPROVALS and not uncertain else ()
