"""What approvers said about a request: verified by this signer, remembered once it acted on it.

A rejection counts from the moment it is seen, and for good: it is put on file before anything else is judged,
and no later statement, session or server takes it back.
"""

from collections.abc import Sequence
from typing import Final

from quorate.core.errors import QuorateError, Refused
from quorate.core.evidence import approval
from quorate.core.evidence.approval import Approval
from quorate.core.model.statement import SignedStatement, Statement
from quorate.core.proto import link_pb2
from quorate.judge.clock import Clock
from quorate.judge.log import Log
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store

MAX_STATEMENTS: Final = 256
"""Statements brought with one session: more approvers than a request will ever have."""


class Approvals:
    def __init__(self, state: SignerState, store: Store, log: Log, clock: Clock) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._clock = clock

    def hear(self, intent_hash: bytes, sent: Sequence[link_pb2.Statement]) -> tuple[Approval, ...]:
        """What counts for this request, once every statement that was sent is verified; a rejection among
        them is on file then, in the current group. Raises Refused: statement_*.
        """
        if len(sent) > MAX_STATEMENTS:
            raise Refused(
                "statement_form",
                f"more than {MAX_STATEMENTS} statements at once",
                reason_class=approval.EVIDENCE,
                whose="peer",
            )
        verified = [self._verified(statement, intent_hash) for statement in sent]
        self._remember([entry for entry in verified if entry.is_veto])
        return approval.newest([*self._on_file(intent_hash), *verified])

    def on_file(self, intent_hash: bytes) -> tuple[Approval, ...]:
        """What counts by this signer's own records alone."""
        return approval.newest(self._on_file(intent_hash))

    def veto(self, sent: link_pb2.Statement) -> None:
        """A rejection that came by itself, whether its request is known here or not. Raises Refused:
        statement_*; QuorateError not_a_veto.
        """
        entry = self._verified(sent, _intent(sent))
        if not entry.is_veto:
            raise QuorateError("not_a_veto", "only a rejection is taken by itself", "peer")
        self._remember([entry])

    async def veto_durably(self, sent: link_pb2.Statement) -> None:
        """As `veto`, on disk when it returns."""
        self.veto(sent)
        await self._store.db.durable()

    def consume(self, counting: Sequence[Approval], time_ms: int) -> None:
        """In the unit of the vote that rests on them: on file and in the log, each once."""
        for entry in counting:
            self._add(entry, time_ms)

    def _remember(self, vetoes: Sequence[Approval]) -> None:
        """Each approver's first rejection of an intent; further ones say nothing new."""
        if not vetoes:
            return
        now = self._clock()
        with self._store.db.unit():
            for entry in vetoes:
                if not self._store.statements.is_rejected(
                    Statement.from_bytes(entry.signed.body).intent, entry.approver
                ):
                    self._add(entry, now)

    def _add(self, entry: Approval, time_ms: int) -> None:
        statement = Statement.from_bytes(entry.signed.body)
        if self._store.statements.add(statement, entry.signed, time_ms):
            event = "veto" if entry.is_veto else "approval"
            self._log.append(event, _leaf(statement, entry.signed), time_ms)

    def _verified(self, sent: link_pb2.Statement, intent_hash: bytes) -> Approval:
        signed = SignedStatement(sent.body, sent.armor)
        return approval.verify(signed, self._state.require_charter(), intent_hash, self._clock() // 1000)

    def _on_file(self, intent_hash: bytes) -> list[Approval]:
        """Verified before they were put on file. Rejections for good; approvals while they live."""
        charter, now = self._state.require_charter(), self._clock() // 1000
        known = [approval.trusted(s, charter) for s in self._store.statements.of_intent(intent_hash)]
        return [entry for entry in known if entry.is_veto or entry.expires_at > now]


def _intent(sent: link_pb2.Statement) -> bytes:
    """The intent that the statement names; of one that cannot be read, nothing: its form is refused later."""
    try:
        return Statement.from_bytes(sent.body).intent
    except QuorateError:
        return b""


def _leaf(statement: Statement, signed: SignedStatement) -> dict[str, object]:
    """All that an auditor needs to verify it again: the body can be made from these members."""
    return {
        "intent": statement.intent.hex(),
        "approver": statement.approver,
        "verdict": statement.verdict,
        "statement": signed.body.decode("ascii"),
        "signature": signed.armor,
    }
