"""What the keeper says of its sessions: recorded with its own state, and let out once that is on disk."""

from quorate.core import faults
from quorate.core.errors import QuorateError
from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge import refusals
from quorate.judge.clock import Clock
from quorate.judge.journal import Journal
from quorate.judge.log import Log
from quorate.judge.state import SignerState
from quorate.judge.store.sessions import DEAD, DONE, RELEASED, VOTED, Session
from quorate.judge.store.store import Store

REPEATED_R = "repeated_r"
"""The fact that silences this signer: two signatures shared an R."""
R_LENGTH = 32
"""Every signature begins with R: 32 bytes of r (ECDSA), of the encoded point (Ed25519), of its x (BIP340)."""


class Results:
    def __init__(self, state: SignerState, store: Store, log: Log, clock: Clock, journal: Journal) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._clock = clock
        self._journal = journal

    def record_signature(self, signature: keeper_pb2.Signature) -> None:
        """In the unit of the keeper's reply. A repeated R is recorded too, and silences this signer."""
        session = self._store.sessions.get(signature.session_id)
        if session is None:
            raise QuorateError("keeper_broken", "the keeper finished a session that was never opened", "bug")
        if not all(
            self._store.sessions.use_r(item.signature[:R_LENGTH], session.session_id)
            for item in signature.items
        ):
            self._store.facts.raise_to(REPEATED_R, 1)
            self._journal("repeated_r", session=session.session_id.hex())
            return
        now = self._clock()
        result = self._result(session, signature)
        self._store.sessions.move(session.session_id, to=DONE, from_=(VOTED, RELEASED))
        if self._store.sessions.add_result(session, result.SerializeToString(), now):
            self._log.append("result", _leaf(session, signature), now)
        faults.point("judge.result.before_commit")

    def record_dead(self, session_id: bytes) -> None:
        """A released session stays released: its share may be out."""
        self._store.sessions.move(session_id, to=DEAD, from_=(VOTED,))

    def done(self, session_id: bytes) -> link_pb2.ToServer | None:
        """The message for the server; None when there is nothing that may be told."""
        session = self._store.sessions.get(session_id)
        if session is None or session.state != DONE:
            return None
        encoded = self._store.sessions.result(session.intent_hash, session.attempt_hash)
        if encoded is None:
            return None
        faults.point("judge.result.after_commit")
        result = link_pb2.Result.FromString(encoded)
        return link_pb2.ToServer(session_done=link_pb2.SessionDone(session_id=session_id, result=result))

    def dead(self, session_id: bytes, reason: keeper_pb2.Error) -> link_pb2.ToServer:
        session = self._store.sessions.get(session_id)
        error = QuorateError(
            reason.code, reason.message, reason.whose or "bug", reason.hint, culprits=tuple(reason.culprits)
        )
        hashes = (session.intent_hash, session.attempt_hash) if session else (b"", b"")
        refusal = refusals.to_link(error, self._state.id, *hashes)
        return link_pb2.ToServer(session_dead=link_pb2.SessionDead(session_id=session_id, reason=refusal))

    def _result(self, session: Session, signature: keeper_pb2.Signature) -> link_pb2.Result:
        attempt = self._store.attempts.get(session.intent_hash, session.attempt_hash)
        items = [
            link_pb2.ItemSignature(
                signature=item.signature,
                recovery_id=item.recovery_id if item.HasField("recovery_id") else None,
                public_key=item.public_key,
            )
            for item in signature.items
        ]
        return link_pb2.Result(
            intent_hash=session.intent_hash,
            attempt_hash=session.attempt_hash,
            items=items,
            bytes=attempt.data if attempt else b"",
        )


def _leaf(session: Session, signature: keeper_pb2.Signature) -> dict[str, object]:
    return {
        "session": session.session_id.hex(),
        "intent": session.intent_hash.hex(),
        "attempt": session.attempt_hash.hex(),
        "signatures": [
            {"public_key": item.public_key.hex(), "signature": item.signature.hex()}
            for item in signature.items
        ],
    }
