"""Approvers' statements: SSHSIG by a key of the charter, about exactly one intent, alive by the reader's
clock.

Every judge verifies each statement itself; the server, the approver's own tool and the auditor use the same
code.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from quorate.core import policy
from quorate.core.checks import Failed, check
from quorate.core.errors import QuorateError, Refused
from quorate.core.evidence import sshsig
from quorate.core.model import labels
from quorate.core.model.charter import Approver, Charter
from quorate.core.model.statement import REJECT, SignedStatement, Statement

EVIDENCE: Final = "missing_evidence"


@dataclass(frozen=True, slots=True)
class Approval:
    """A statement that was verified: whose it is, in which groups that approver is, and what it says."""

    approver: str
    groups: tuple[str, ...]
    verdict: str
    round: int
    issued_at: int
    expires_at: int
    signed: SignedStatement

    @property
    def is_veto(self) -> bool:
        return self.verdict == REJECT

    def for_policy(self) -> policy.Approval:
        """As rules see it."""
        return policy.Approval(self.approver, self.groups, self.verdict, 1000 * self.issued_at)


def verify(signed: SignedStatement, charter: Charter, intent_hash: bytes, now: int) -> Approval:
    """What the statement says, once all of it holds. `now`: Unix seconds of the reader's clock.

    Raises Refused: statement_form, statement_cluster, statement_charter, statement_intent,
    statement_approver, statement_signature, statement_time, in this order.
    """
    statement = _read(signed)
    statement_cluster(statement, charter)
    statement_charter(statement, charter)
    statement_intent(statement, intent_hash)
    approver = charter.approver(statement.approver)
    statement_approver(statement, approver)
    statement_signature(signed, approver)
    statement_time(statement.issued_at, statement.expires_at, now, charter.skew)
    return _approval(statement, signed, charter)


def trusted(signed: SignedStatement, charter: Charter) -> Approval:
    """What a statement says that the caller verified before and kept. Raises Refused statement_form."""
    return _approval(_read(signed), signed, charter)


def newest(approvals: Iterable[Approval]) -> tuple[Approval, ...]:
    """One for each approver, in order of their ids: a rejection, or else what was said in the highest
    round.
    """
    found: dict[str, Approval] = {}
    for approval in approvals:
        known = found.get(approval.approver)
        if known is None or (known.is_veto, known.round) < (approval.is_veto, approval.round):
            found[approval.approver] = approval
    return tuple(found[id] for id in sorted(found))


def for_policy(charter: Charter, user: str, approvals: Sequence[Approval]) -> policy.Evidence:
    """What a policy is told of people: `user` is proven to have asked; each of `approvals` is verified."""
    groups = frozenset(group.id for group in charter.groups if user in group.members)
    return policy.Evidence(user, tuple(said.for_policy() for said in approvals), groups)


@check("vetoed", "vetoed")
def not_vetoed(approvals: Sequence[Approval]) -> None:
    """One rejection is enough, whatever the others say."""
    against = [approval.approver for approval in approvals if approval.is_veto]
    if against:
        raise Failed(f"rejected by {', '.join(sorted(set(against)))}", "send a new request")


@check("statement_cluster", EVIDENCE)
def statement_cluster(statement: Statement, charter: Charter) -> None:
    if statement.cluster != charter.cluster:
        raise Failed(f"the statement was made for cluster {statement.cluster}")


@check("statement_charter", EVIDENCE)
def statement_charter(statement: Statement, charter: Charter) -> None:
    """The charter version says who approves, and fixes how the intent was made."""
    if statement.charter != charter.hash:
        raise Failed(f"the statement was not made under charter version {charter.version}, which is in force")


@check("statement_intent", "intent_mismatch")
def statement_intent(statement: Statement, intent_hash: bytes) -> None:
    """An approval of one request is none of another."""
    if statement.intent != intent_hash:
        raise Failed(
            f"{statement.approver} said {statement.verdict} to {statement.intent.hex()}, another intent"
        )


@check("statement_approver", EVIDENCE)
def statement_approver(statement: Statement, approver: Approver | None) -> None:
    if approver is None:
        raise Failed(f"{statement.approver} is not an approver of the charter")


@check("statement_signature", EVIDENCE)
def statement_signature(signed: SignedStatement, approver: Approver | None) -> None:
    """By the key that the charter has for the approver; never by one that the statement brings."""
    if approver is None:  # statement_approver says so first
        raise Failed("there is no key to hold the statement against")
    try:
        sshsig.verify(labels.STATEMENT, signed.body, signed.armor, approver.ssh_key)
    except QuorateError as error:
        raise Failed(f"not signed by {approver.id}: {error.message}") from None


@check("statement_time", "expired")
def statement_time(issued_at: int, expires_at: int, now: int, skew: int) -> None:
    """Alive by the reader's own clock, Unix seconds."""
    if issued_at > now + skew:
        raise Failed("the statement was issued in the future", "set the approver's clock")
    if expires_at <= now:
        raise Failed("the statement has expired", "have it signed again")


def _read(signed: SignedStatement) -> Statement:
    try:
        return Statement.from_bytes(signed.body)
    except QuorateError as error:
        raise Refused(
            "statement_form", f"not a statement: {error.message}", reason_class=EVIDENCE, code=error.code
        ) from None


def _approval(statement: Statement, signed: SignedStatement, charter: Charter) -> Approval:
    groups = tuple(group.id for group in charter.groups if statement.approver in group.members)
    return Approval(
        statement.approver,
        groups,
        statement.verdict,
        statement.round,
        statement.issued_at,
        statement.expires_at,
        signed,
    )
