"""The judge's second yes: the votes are whole, nothing that other signers let through is unknown, and the
policy still allows it.
"""

from quorate.core import faults
from quorate.core.errors import Refused
from quorate.core.model.records import Signed, Vote
from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge.approvals import Approvals
from quorate.judge.checks import tables, votes
from quorate.judge.checks.case import Case
from quorate.judge.checks.votes import Ballot
from quorate.judge.clock import Clock
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.log import Log
from quorate.judge.own_tally import OwnTally
from quorate.judge.state import SignerState
from quorate.judge.store.sessions import DEAD, RELEASED, VOTED, Session
from quorate.judge.store.store import Store
from quorate.judge.tally_book import TallyBook


class Release:
    def __init__(
        self,
        state: SignerState,
        store: Store,
        log: Log,
        keeper: KeeperClient,
        clock: Clock,
        book: TallyBook,
        own_tally: OwnTally,
        approvals: Approvals,
    ) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._keeper = keeper
        self._clock = clock
        self._book = book
        self._own_tally = own_tally
        self._approvals = approvals

    async def release(self, request: link_pb2.Release) -> None:
        """Marks the session released, then lets the keeper go on. Raises Refused by the first check that
        fails.

        The mark is in the group that is committed before anything of the keeper's reply leaves this host.
        """
        charter = self._state.require_charter()
        session = self._session(request.session_id)
        if session.state != VOTED:
            return  # the same release again: the keeper has it
        entries = [Signed(entry.body, entry.signature) for entry in request.tally]
        await self._own_tally.adopt(charter, entries)
        self._book.learn(charter, entries)
        signed = [Signed(vote.body, vote.signature) for vote in request.votes]
        self._check_votes(Ballot(charter, Vote.from_bytes(session.vote), session.vote, signed))
        tables.judge(self._case(session), tables.RELEASE)
        self._mark(session)
        faults.point("judge.release.marked")
        await self._keeper.ask(
            keeper_pb2.ToKeeper(
                release=keeper_pb2.Release(
                    session_id=session.session_id,
                    votes=[keeper_pb2.Signed(body=vote.body, signature=vote.signature) for vote in signed],
                    time_ms=self._clock(),
                )
            )
        )
        faults.point("judge.release.keeper_done")

    async def abandon(self, session_id: bytes) -> None:
        """The server gave the session up. What was reserved stays reserved: its word frees nothing."""
        with self._store.db.unit():
            self._store.sessions.move(session_id, to=DEAD, from_=(VOTED,))
        await self._keeper.ask(keeper_pb2.ToKeeper(abandon=keeper_pb2.Abandon(session_id=session_id)))

    def _session(self, session_id: bytes) -> Session:
        session = self._store.sessions.get(session_id)
        if session is None or session.state == DEAD:
            known = "was given up" if session else "is not one this signer voted in"
            raise Refused("session_known", f"the session {known}", reason_class="replay")
        return session

    def _check_votes(self, ballot: Ballot) -> None:
        """In this order; the keeper makes its own checks of the same votes."""
        votes.vote_form(ballot)
        votes.vote_members(ballot)
        votes.vote_shared(ballot)
        votes.vote_signature(ballot)
        votes.vote_time(ballot)
        votes.tally_complete(ballot, self._store.tally)
        votes.tally_heads_agree(ballot, self._store.tally)
        known = self._store.attempts.hashes_of(ballot.own.intent_hash)
        votes.attempt_agreed(ballot, self._store.tally, known)

    def _case(self, session: Session) -> Case:
        admitted = self._store.admissions.of_intent(session.intent_hash)
        attempt = self._store.attempts.get(session.intent_hash, session.attempt_hash)
        if admitted is None or attempt is None:
            raise Refused(
                "admitted", "the request of this session is not on file", reason_class="missing_evidence"
            )
        return Case(
            state=self._state,
            store=self._store,
            charter=self._state.require_charter(),
            intent=admitted.intent,
            intent_hash=admitted.intent_hash,
            attempt=attempt,
            now_ms=self._clock(),
            log_problem=self._log.problem,
            approvals=self._approvals.on_file(session.intent_hash),
            earlier=self._store.attempts.others(attempt),
        )

    def _mark(self, session: Session) -> None:
        """One unit: from here on what the bytes use is spent and the session counts as let through, whatever
        happens next.
        """
        now = self._clock()
        with self._store.db.unit():
            if not self._store.sessions.move(session.session_id, to=RELEASED, from_=(VOTED,)):
                raise Refused("session_known", "the session was given up", reason_class="replay")
            if self._store.attempts.is_dead(session.intent_hash):
                raise Refused(
                    "nonce_conflict", "another request took the nonce of this one", reason_class="replay"
                )
            self._store.nonces.release(session.intent_hash)
            data = {
                "session": session.session_id.hex(),
                "intent": session.intent_hash.hex(),
                "attempt": session.attempt_hash.hex(),
            }
            self._log.append("release", data, now)
            faults.point("judge.release.before_commit")
