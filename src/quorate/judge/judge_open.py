"""Opening a session: decode, compare with the intent, policy, tally, durable record, vote. The order never
changes.

What a vote rests on is reserved in the database before the keeper is asked, so that two sessions at once
cannot both count on the same room in a window or on the same nonce. The vote, its tally entry, the bytes, the
nonce and the log leaves are committed together with the keeper's own state; only then is the vote let out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from quorate.core import faults
from quorate.core.errors import QuorateError, Refused
from quorate.core.model import tally as tally_model
from quorate.core.model.intent import Attempt
from quorate.core.model.records import Signed, TallyEntry
from quorate.core.policy import TallyLine, explain
from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge.admit import Admit
from quorate.judge.approvals import Approvals
from quorate.judge.checks import effect_once, session, tables
from quorate.judge.checks.case import Case
from quorate.judge.clock import Clock
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.keyed_lock import KeyedLock
from quorate.judge.log import Log
from quorate.judge.own_tally import OwnTally
from quorate.judge.refusals import MAX_TRACE
from quorate.judge.sources.expiry import Expiry
from quorate.judge.state import SignerState
from quorate.judge.store.admissions import Admitted
from quorate.judge.store.sessions import VOTED, Session
from quorate.judge.store.store import Store
from quorate.judge.tally_book import TallyBook

MAX_EARLIER: Final = 64
"""Other bytes of one request that are brought with a session."""
CANCEL: Final = "cancel"
"""Verdict in the log where nothing is paid, and so nothing was decided by a rule."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A vote that is on disk, with what a later release is compared to."""

    vote: Signed
    session_id: bytes


@dataclass(frozen=True, slots=True)
class _Reserved:
    """What this session reserved first, and has to give back should the keeper not vote."""

    tally: bool
    nonce: bool


class JudgeOpen:
    def __init__(
        self,
        state: SignerState,
        store: Store,
        log: Log,
        keeper: KeeperClient,
        clock: Clock,
        admit: Admit,
        book: TallyBook,
        own_tally: OwnTally,
        approvals: Approvals,
        expiry: Expiry,
    ) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._keeper = keeper
        self._clock = clock
        self._admit = admit
        self._book = book
        self._own_tally = own_tally
        self._approvals = approvals
        self._expiry = expiry
        self._intents = KeyedLock()

    async def open(self, request: link_pb2.Open) -> Opened | bytes:
        """The vote of this signer, or the encoded Result if the intent has one. Raises Refused by the first
        check that fails.
        """
        async with self._intents.hold(request.intent_hash):
            attempt = Attempt(request.intent_hash, request.format, request.bytes)
            result = self._store.sessions.result_for(attempt)
            if result is not None:
                return result
            await self._own_tally.adopt(self._state.require_charter(), _entries(request))
            case = self._case(request, attempt)
            if await self._expiry.settle(case):
                case = self._case(request, attempt)
            self._judge(case, request)
            return await self._vote(case, request, self._reserve(case))

    def _case(self, request: link_pb2.Open, attempt: Attempt) -> Case:
        charter = self._state.require_charter()
        self._book.learn(charter, _entries(request))
        admitted = self._admitted(request)
        return Case(
            state=self._state,
            store=self._store,
            charter=charter,
            intent=admitted.intent,
            intent_hash=admitted.intent_hash,
            attempt=attempt,
            now_ms=self._clock(),
            log_problem=self._log.problem,
            approvals=self._approvals.hear(admitted.intent_hash, request.statements),
            earlier=self._earlier(attempt, request.earlier),
        )

    def _earlier(self, attempt: Attempt, brought: Sequence[bytes]) -> tuple[Attempt, ...]:
        """Other bytes of this request: those on file, and of those that were brought the ones that a signer's
        entry names. What nobody voted for is nothing to be compared with.
        """
        if brought:
            self._keep_let_through(attempt, brought[:MAX_EARLIER])
        return self._store.attempts.others(attempt)

    def _keep_let_through(self, attempt: Attempt, brought: Sequence[bytes]) -> None:
        let_through = self._store.tally.attempts_of(attempt.intent)
        with self._store.db.unit():
            for data in brought:
                other = Attempt(attempt.intent, attempt.format, data)
                if other.hash in let_through:
                    self._store.attempts.add(other, self._clock())

    def _admitted(self, request: link_pb2.Open) -> Admitted:
        """On file, or else brought with the admissions of t signers."""
        on_file = self._store.admissions.of_intent(request.intent_hash)
        if on_file:
            return on_file
        if not request.HasField("request"):
            raise Refused(
                "admitted", "this signer did not admit the request", reason_class="missing_evidence"
            )
        receipts = [Signed(receipt.body, receipt.signature) for receipt in request.admissions]
        admitted = self._admit.through_others(request.request, receipts)
        if admitted.intent_hash != request.intent_hash:
            raise Refused(
                "admitted",
                "the request sent along is not the one that is to be signed",
                reason_class="intent_mismatch",
            )
        return admitted

    def _judge(self, case: Case, request: link_pb2.Open) -> None:
        tables.judge(case, tables.READY)
        tables.judge(case, tables.EVIDENCE)
        session.session_number(case, request.session)
        session.members(case, request.members)
        tables.judge(case, tables.BYTES)
        tables.judge(case, tables.ONCE)
        tables.judge(case, tables.POLICY)

    def _reserve(self, case: Case) -> _Reserved:
        """Takes bytes, nonce and room in the windows for this intent, in one unit. Nothing was awaited since
        they were judged.
        """
        store = self._store
        with store.db.unit():
            store.attempts.add(case.attempt, case.now_ms)
            nonce = case.is_transaction and effect_once.take_nonces(case)
            user, _, source, *_ = tally_model.fields(case.intent)
            line = TallyLine(case.intent_hash, user, source, *case.moved[0], case.now_ms)
            tally = store.tally.reserve(line)
        faults.point("judge.open.reserved")
        return _Reserved(tally, nonce)

    async def _vote(self, case: Case, request: link_pb2.Open, reserved: _Reserved) -> Opened:
        try:
            reply = await self._keeper.ask(
                keeper_pb2.ToKeeper(vote=self._vote_request(case, request)),
                record=lambda reply: self._record(case, request, reply.voted),
            )
        except QuorateError:
            self._give_back(case, reserved)
            raise
        faults.point("judge.open.after_commit")
        voted = reply.voted
        return Opened(Signed(voted.vote.body, voted.vote.signature), voted.session_id)

    def _vote_request(self, case: Case, request: link_pb2.Open) -> keeper_pb2.Vote:
        heads = (
            self._store.tally.head(signer.id)
            for signer in case.charter.signers
            if signer.id != self._state.id
        )
        return keeper_pb2.Vote(
            key=case.intent.key,
            intent_hash=case.intent_hash,
            attempt_hash=case.attempt_hash,
            items=[keeper_pb2.Item(scheme=i.scheme, path=i.path, message=i.message) for i in case.items],
            members=request.members,
            session=request.session,
            time_ms=case.now_ms,
            reserve=None if self._store.tally.has_voted(case.intent_hash) else _tally_fields(case),
            heads=[keeper_pb2.Head(signer=head.signer, count=head.count, head=head.head) for head in heads],
        )

    def _record(self, case: Case, request: link_pb2.Open, voted: keeper_pb2.Voted) -> None:
        """In one unit with the keeper's state: the session, the tally entry, the statements it rests on, and
        the leaves that tell of them.
        """
        self._record_entry(case, voted)
        self._approvals.consume(case.approvals, case.now_ms)
        self._store.facts.raise_to(session.CLOCK_FACT, case.now_ms)
        self._store.sessions.add(
            Session(
                voted.session_id,
                case.intent_hash,
                case.attempt_hash,
                request.session,
                tuple(request.members),
                voted.vote.body,
                case.now_ms,
                VOTED,
            )
        )
        self._log.append("decision", _decision_leaf(case), case.now_ms)
        self._log.append(
            "vote", _vote_leaf(case, request.members, request.session, voted.session_id), case.now_ms
        )
        faults.point("judge.open.before_commit")

    def _record_entry(self, case: Case, voted: keeper_pb2.Voted) -> None:
        """Exactly one entry per intent: with its first vote, following the entry before."""
        tally = self._store.tally
        if voted.HasField("tally_entry") == tally.has_voted(case.intent_hash):
            raise QuorateError(
                "keeper_broken", "the keeper's vote came with an entry too many or too few", "bug"
            )
        if not voted.HasField("tally_entry"):
            return
        signed = Signed(voted.tally_entry.body, voted.tally_entry.signature)
        entry, known = TallyEntry.from_bytes(signed.body), tally.head(self._state.id)
        if (entry.signer, entry.intent_hash) != (self._state.id, case.intent_hash):
            raise QuorateError("keeper_broken", "the keeper's tally entry is for something else", "bug")
        if (entry.count, entry.previous_head) != (known.count + 1, known.head):
            raise QuorateError(
                "keeper_broken",
                f"the keeper's tally entry {entry.count} does not follow entry {known.count}",
                "bug",
            )
        tally.add_own(entry, signed)

    def _give_back(self, case: Case, reserved: _Reserved) -> None:
        """The keeper did not vote: what was never voted for is free again."""
        with self._store.db.unit():
            if reserved.tally:
                self._store.tally.unreserve(case.intent_hash)
            self._store.attempts.forget_unvoted_of(case.intent_hash)
            if reserved.nonce and not self._store.tally.has_voted(case.intent_hash):
                self._store.nonces.give_back(case.intent_hash)


def _entries(request: link_pb2.Open) -> list[Signed]:
    return [Signed(entry.body, entry.signature) for entry in request.tally]


def _tally_fields(case: Case) -> keeper_pb2.TallyFields:
    user, operation, source, *_, expires_at = tally_model.fields(case.intent)
    destination, asset, amount = case.moved[0]
    return keeper_pb2.TallyFields(
        user=user,
        operation=operation,
        source=source,
        destination=destination,
        asset=asset,
        amount=str(amount),
        expires_at=expires_at,
    )


def _decision_leaf(case: Case) -> dict[str, object]:
    bytes_of = {"intent": case.intent_hash.hex(), "attempt": case.attempt_hash.hex()}
    if case.cancels:
        return {**bytes_of, "verdict": CANCEL, "rule": None, "explanation": []}
    return {
        **bytes_of,
        "verdict": case.decision.verdict,
        "rule": case.decision.rule,
        "explanation": explain.lines(case.decision)[:MAX_TRACE],
    }


def _vote_leaf(case: Case, members: Sequence[str], number: int, session_id: bytes) -> dict[str, object]:
    return {
        "session": session_id.hex(),
        "intent": case.intent_hash.hex(),
        "attempt": case.attempt_hash.hex(),
        "number": number,
        "members": list(members),
    }
