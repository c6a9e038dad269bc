"""Mutations: what the hostile server does, declared harmful or neutral beforehand, with the check that must
refuse it.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from quorate.core.model.intent import Attempt
from quorate.core.proto import link_pb2 as pb
from tests.hostile.flow import Flow, refusals
from tests.hostile.world import CURRENT, Stage

PAIR = ["signer-1", "signer-2"]
BROKEN = frozenset({"keeper:internal", "keeper:keeper_broken", "keeper:keeper_client"})
"""What a signer answers when it met its own defect."""


@dataclass(frozen=True)
class Outcome:
    """`refused`: which checks, at whichever signer; `signed`: a signature came out of this; `votes`: of those
    that were shown the bytes while another one refused them.
    """

    refused: frozenset[str] = frozenset()
    signed: bool = False
    note: str = ""
    votes: int = 0

    def __str__(self) -> str:
        word = "signed" if self.signed else "refused" if self.refused else "no answer"
        return f"{word} {','.join(sorted(self.refused))} {self.note}".strip()


Run = Callable[[Stage], Awaitable[Outcome]]


@dataclass(frozen=True)
class Mutation:
    """`expected`: every refusal must be by one of these. A neutral one may be signed rightly, or refused."""

    name: str
    harmful: bool
    expected: frozenset[str]
    run: Run = field(repr=False)

    def complaint(self, outcome: Outcome) -> str:
        """What is wrong with the outcome; empty when it is as declared."""
        if outcome.refused & BROKEN:
            return f"{self.name}: {outcome}: a defect, not a refusal"
        if not self.harmful:
            return "" if outcome.signed or outcome.refused else f"{self.name}: {outcome}, and it is harmless"
        if outcome.signed:
            return f"{self.name}: a forgery came through"
        if not outcome.refused or not outcome.refused <= self.expected:
            return f"{self.name}: {outcome}; expected {', '.join(sorted(self.expected))}"
        return ""


def harmful(name: str, expected: str | Sequence[str], run: Run) -> Mutation:
    checks = (expected,) if isinstance(expected, str) else expected
    return Mutation(name, True, frozenset(checks), run)


def neutral(name: str, run: Run) -> Mutation:
    return Mutation(name, False, frozenset(), run)


@dataclass
class Family:
    """One class of mutations. `control` is the same way of asking, unmutated: it must sign. `at_once` bounds
    how many
    run beside each other; 1 for what looks at the whole cluster.
    """

    name: str
    control: Run
    mutations: list[Mutation]
    at_once: int = 12

    def label(self, mutation: Mutation) -> str:
        return f"{self.name}: {mutation.name}"

    async def run(self, stage: Stage) -> "list[tuple[Mutation, Outcome]]":
        """The control, then every mutation. Raises AssertionError when the control does not sign."""
        outcome = await self.control(stage)
        assert outcome.signed, f"{self.name}: the control: {outcome}"
        gate = asyncio.Semaphore(self.at_once)

        async def one(mutation: Mutation) -> tuple[Mutation, Outcome]:
            async with gate:
                token = CURRENT.set(self.label(mutation))
                try:
                    return mutation, await mutation.run(stage)
                finally:
                    CURRENT.reset(token)

        return list(await asyncio.gather(*(one(mutation) for mutation in self.mutations)))


# ---- the ways that mutations share: everything that is not mutated is done as well as a server can


async def from_admission(stage: Stage, request: pb.RawRequest, members: Sequence[str] = PAIR) -> Outcome:
    """Shows the request to every signer, and gets it signed if they take it."""
    flow = Flow(stage, request, list(members))
    answers = await flow.admit()
    if len(flow.admissions) < len(answers):
        return Outcome(_checks(answers))
    flow.build()
    return await from_open(flow)


async def from_open(flow: Flow, messages: Mapping[str, pb.Open] | None = None) -> Outcome:
    """Opens, with a message of its own for each member where `messages` says so, and gets it signed."""
    assert flow.attempt is not None
    flow.world.shown(flow.attempt)
    honest = {name: flow.open_message() for name in flow.members}
    answers = await flow.open_each(honest if messages is None else messages)
    if any(not answer.HasField("opened") for answer in answers.values()):
        signed = any(answer.HasField("result") for answer in answers.values())
        votes = sum(answer.HasField("opened") for answer in answers.values())
        outcome = Outcome(_checks(answers), signed, votes=votes)
        await flow.abandon()
        return outcome
    return await from_release(flow)


def with_attempt(flow: Callable[[Stage], Awaitable[Flow]], attempt: Callable[[Stage, Flow], Attempt]) -> Run:
    """An admitted request, opened with an attempt of the server's making."""

    async def run(stage: Stage) -> Outcome:
        made = await flow(stage)
        made.attempt = attempt(stage, made)
        return await from_open(made)

    return run


async def from_release(
    flow: Flow,
    votes: Mapping[str, Sequence[pb.Signed]] | None = None,
    tally: Mapping[str, Sequence[pb.Signed]] | None = None,
) -> Outcome:
    answers = await flow.release(votes, tally)
    refused = _checks(answers)
    if refused:
        await flow.abandon()
        return Outcome(refused)
    return await ended(flow)


async def ended(flow: Flow, timeout: float = 10.0) -> Outcome:
    """How the session ended: signed by anybody, or dead by these checks."""
    ends = await flow.end(timeout)
    dead = {f"dead:{end.reason.check}" for end in ends.values() if isinstance(end, pb.SessionDead)}
    return Outcome(frozenset(dead), any(isinstance(end, pb.SessionDone) for end in ends.values()))


async def opened(stage: Stage, kind: str, members: Sequence[str] = PAIR) -> Flow:
    """A genuine request that its members voted for. Raises RuntimeError when they did not."""
    flow = await admitted(stage, kind, members)
    flow.build()
    answers = await flow.open()
    if refusals(answers):
        raise RuntimeError(f"an honest session was refused: {refusals(answers)}")
    return flow


async def admitted(stage: Stage, kind: str, members: Sequence[str] = PAIR) -> Flow:
    """A genuine request on file at every signer. Raises RuntimeError when it was refused."""
    flow = Flow(stage, stage.genuine(kind), list(members))
    answers = await flow.admit()
    if refusals(answers):
        raise RuntimeError(f"an honest request was refused: {refusals(answers)}")
    return flow


def signs(kind: str, members: Sequence[str] = PAIR) -> Run:
    """The control: a genuine request of that kind, all the way."""

    async def run(stage: Stage) -> Outcome:
        return await from_admission(stage, stage.genuine(kind), members)

    return run


@dataclass
class Shared:
    """A genuine request admitted once and used by many mutations that are all refused before anything of it
    is kept.
    """

    kind: str

    async def flow(self, stage: Stage) -> Flow:
        """A copy that is free to be changed; admitted at the first use of each stage."""
        base = await stage.once(id(self), lambda: admitted(stage, self.kind))
        return Flow(stage, base.request, list(base.members), base.intent, dict(base.admissions))


def flip(data: bytes, bit: int) -> bytes:
    """`data` with one bit inverted; bit 0 is the lowest of the last byte."""
    value = int.from_bytes(data, "big") ^ (1 << bit)
    return value.to_bytes(len(data), "big")


def random_hash() -> bytes:
    return secrets.token_bytes(32)


def _checks(answers: Mapping[str, pb.Answer]) -> frozenset[str]:
    return frozenset(refusals(answers).values())
