"""One signing session: Open to the members, their votes, Release with all votes, the result.

docs/spec/vote.md and "One signature" of the design. The server only carries: each step is checked by the
keepers.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from quorate.core.chains.to_sign import format_of
from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model import labels
from quorate.core.model.intent import Attempt, Intent
from quorate.core.model.records import Signed, Vote, verify_signed
from quorate.core.proto import link_pb2
from quorate.server import clock, faults
from quorate.server.link.watch import Done, Watch
from quorate.server.refusal import Refusal, from_message
from quorate.server.service.admit import from_text, raw_request
from quorate.server.service.context import Context
from quorate.server.service.heard import heard
from quorate.server.service.verify_result import ItemResult, verify_result
from quorate.server.store import versions
from quorate.server.store.rows import Transaction

EXPIRING_FORMATS: Final = ("tron-tx", "solana-message")
GRACE: Final = 0.1
"""Seconds in which another member may still report a result after the first one gave up."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`result` is verified, or None. `absent`: members that did not answer or went away."""

    result: Sequence[ItemResult] | None = None
    refusals: tuple[Refusal, ...] = ()
    absent: tuple[str, ...] = ()
    votes: Mapping[str, Signed] = field(default_factory=dict)
    voted_us: int | None = None
    signed_us: int | None = None

    @property
    def name(self) -> str:
        """The session's `outcome` column."""
        if self.result is not None:
            return "done"
        return "refused" if self.refusals else "dead"


@dataclass(frozen=True, slots=True)
class Opened:
    """A member's vote, checked."""

    signed: Signed
    vote: Vote
    session_id: bytes


class Session:
    """Runs once. Everything it needs is durable before it starts: number, members, bytes.
    `transaction` is the row as it stands."""

    def __init__(
        self,
        ctx: Context,
        transaction: Transaction,
        intent: Intent,
        members: tuple[str, ...],
        earlier: Sequence[bytes] = (),
    ) -> None:
        self._ctx = ctx
        self.transaction = transaction
        self._intent = intent
        self._members = members
        self._earlier = earlier
        self._attempt = attempt_of(transaction)
        self._attempt_hash = self._attempt.hash
        self._admissions = from_text(transaction.admissions)

    async def run(self) -> Outcome:
        """Never raises for what a signer does or fails to do."""
        answers = await asyncio.gather(*(self._open(member) for member in self._members))
        voted_us = clock.microseconds()
        finished = next((answer for answer in answers if isinstance(answer, list)), None)
        if finished is not None:
            return Outcome(result=finished, voted_us=voted_us, signed_us=clock.microseconds())
        opened = {m: a for m, a in zip(self._members, answers, strict=True) if isinstance(a, Opened)}
        votes = {member: answer.signed for member, answer in opened.items()}
        if len(opened) < len(self._members) or len({o.session_id for o in opened.values()}) != 1:
            self._abandon(opened)
            return Outcome(refusals=_refusals(answers), absent=_absent(answers), votes=votes)
        point(faults.VOTES_COLLECTED)
        await self._note_release()
        outcome = await self._release(opened)
        return replace(outcome, votes=votes, voted_us=voted_us)

    # -- open and vote

    async def _open(self, member: str) -> "Opened | list[ItemResult] | Refusal | QuorateError":
        try:
            request = link_pb2.Request(open=await self._open_message(member))
            answer = await self._ctx.hub.ask(member, request, self._patience)
            kind = answer.WhichOneof("answer")
            if kind == "refusal":
                return from_message(member, answer.refusal)
            if kind == "result":
                return list(self._verify(answer.result))
            return self._checked(member, answer.opened)
        except QuorateError as failure:
            return replace_culprit(failure, member)

    @property
    def _patience(self) -> float:
        """Signers ask their sources about bytes that expired before they vote for others."""
        timeouts = self._ctx.config.timeouts
        asks = self._earlier and self._attempt.format in EXPIRING_FORMATS
        return max(timeouts.open, timeouts.sources) if asks else timeouts.open

    async def _open_message(self, member: str) -> link_pb2.Open:
        lacking = await self._ctx.hub.tally.lacking(member)
        message = link_pb2.Open(
            intent_hash=self.transaction.intent_hash,
            format=self._attempt.format,
            bytes=self._attempt.data,
            members=self._members,
            session=self.transaction.session,
            tally=[_proto(entry) for entry in lacking],
            statements=await self._statements(),
            earlier=self._earlier,
        )
        if (
            member not in self._admissions or self.transaction.session > 1
        ):  # it may have lost what it admitted
            message.request.CopyFrom(raw_request(self.transaction))
            message.admissions.extend(_proto(admission) for admission in self._admissions.values())
        return message

    async def _statements(self) -> list[link_pb2.Statement]:
        """What approvers said, rejections included: no signer may be kept from seeing one."""
        said = await heard(self._ctx, self.transaction)
        return [link_pb2.Statement(body=a.signed.body, armor=a.signed.armor) for a in said]

    def _checked(self, member: str, opened: link_pb2.Opened) -> Opened:
        """A vote that the other keepers would refuse is found here, with its author. Raises QuorateError
        vote, signature.
        """
        signer = self._ctx.book.charter.signer(member)
        signed = Signed(opened.vote.body, opened.vote.signature)
        if signer is None:
            raise _bad_vote(member)
        verify_signed(labels.VOTE, signed, signer.vote_key)
        vote = Vote.from_bytes(signed.body)
        expected = (
            member,
            self.transaction.intent_hash,
            self._attempt_hash,
            self._members,
            self.transaction.session,
        )
        if (vote.voter, vote.intent_hash, vote.attempt_hash, vote.members, vote.session) != expected:
            raise _bad_vote(member)
        if vote.session_id != opened.session_id:
            raise _bad_vote(member)
        self._ctx.hub.tally.learn(member, {head.signer: head.count for head in vote.heads})
        return Opened(signed, vote, opened.session_id)

    def _abandon(self, opened: Mapping[str, Opened]) -> None:
        for member, answer in opened.items():
            self._ctx.hub.tell(
                member, link_pb2.Request(abandon=link_pb2.Abandon(session_id=answer.session_id))
            )

    # -- release and result

    async def _note_release(self) -> None:
        """Durable before a share can leave: from here on the request is never called refused or
        failed lightly."""
        row = self.transaction
        if not row.released:
            step = partial(versions.release, id=row.id, attempt_bytes=row.attempt_bytes)
            self.transaction = await self._ctx.ledger.save(row, step, released=True)
        point(faults.RELEASE_NOTED)

    async def _release(self, opened: Mapping[str, Opened]) -> Outcome:
        session_id = next(iter(opened.values())).session_id
        with self._ctx.hub.watch(session_id, self._members) as watch:
            tasks = [
                asyncio.create_task(self._ask_release(m, session_id, opened, watch)) for m in self._members
            ]
            point(faults.RELEASED)
            try:
                return await self._wait(watch)
            finally:
                for task in tasks:
                    task.cancel()

    async def _ask_release(
        self, member: str, session_id: bytes, opened: Mapping[str, Opened], watch: Watch
    ) -> None:
        """Hands the votes out; the answer, if it says more than that they arrived, is heard like the
        session's other news.
        """
        tally = self._ctx.hub.tally
        counts, lacking = tally.counts(), await tally.lacking(member)
        message = link_pb2.Release(
            session_id=session_id,
            votes=[_proto(opened[m].signed) for m in self._members],
            tally=[_proto(entry) for entry in lacking],
        )
        asked = self._ctx.hub.ask(member, link_pb2.Request(release=message), self._limit)
        if await watch.follow(member, asked):
            tally.learn(member, counts)

    @property
    def _limit(self) -> float:
        return self._ctx.config.timeouts.release

    async def _wait(self, watch: Watch) -> Outcome:
        """Until a member reports a result that verifies, or the session is over without one."""
        refusals: list[Refusal] = []
        absent: list[str] = []
        patience = self._limit
        while (event := await watch.next(patience)) is not None:
            if isinstance(event, Done):
                try:
                    return Outcome(result=self._verify(event.result), signed_us=clock.microseconds())
                except QuorateError:
                    absent.append(event.signer)
            elif event.refusal is not None:
                refusals.append(event.refusal)
            else:
                absent.append(event.signer)
            patience = GRACE
        if not refusals and not absent:
            absent = list(self._members)
        return Outcome(refusals=tuple(refusals), absent=tuple(absent))

    def _verify(self, result: link_pb2.Result) -> Sequence[ItemResult]:
        certificate = self._ctx.book.certificates.get(self._intent.key)
        if certificate is None:
            raise QuorateError("key_missing", f"key {self._intent.key} has no certificate", "state")
        return verify_result(result, self._intent, self._attempt, self._attempt_hash, certificate)


def attempt_of(transaction: Transaction) -> Attempt:
    """The attempt that the row's bytes make."""
    if transaction.attempt_bytes is None:
        return Attempt(transaction.intent_hash, "raw", b"")
    return Attempt(transaction.intent_hash, format_of(transaction.chain or ""), transaction.attempt_bytes)


def replace_culprit(failure: QuorateError, member: str) -> QuorateError:
    """Whoever sent what cannot be used is not asked again soon."""
    return QuorateError(failure.code, failure.message, failure.whose, failure.hint, culprits=(member,))


def _refusals(answers: Sequence[object]) -> tuple[Refusal, ...]:
    return tuple(answer for answer in answers if isinstance(answer, Refusal))


def _absent(answers: Sequence[object]) -> tuple[str, ...]:
    return tuple(answer.culprits[0] for answer in answers if isinstance(answer, QuorateError))


def _proto(signed: Signed) -> link_pb2.Signed:
    return link_pb2.Signed(body=signed.body, signature=signed.signature)


def _bad_vote(member: str) -> QuorateError:
    return QuorateError("vote", f"the vote of {member} is not for this session", "peer", culprits=(member,))
