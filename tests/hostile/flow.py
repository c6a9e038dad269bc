"""One request on its way through the signers, step by step, so that a test can interfere between any two of
them.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from quorate.core.chains.evm import build
from quorate.core.model.charter import Charter
from quorate.core.model.intent import EVM_TX, RAW_FORMAT, TRANSFER, Attempt, Intent
from quorate.core.model.vote import Vote
from quorate.core.proto import link_pb2 as pb
from tests.hostile.hub import End, Hub
from tests.hostile.requester import Requester

Answers = dict[str, pb.Answer]
FEES = {"nonce": 0, "max_fee": 2_000_000_000, "max_priority": 1_000_000_000, "gas": 100_000}


@dataclass
class World:
    """What the hostile server has: the link, the charter, and somebody who signs requests; nothing that
    signs.
    """

    hub: Hub
    charter: Charter
    requester: Requester

    @property
    def names(self) -> list[str]:
        return [signer.id for signer in self.charter.signers]

    def shown(self, attempt: Attempt) -> None:
        """Called with what the signers are shown."""


@dataclass
class Flow:
    """The state of one request. Every step takes its inputs from here, so a test changes the field and goes
    on.
    """

    world: World
    request: pb.RawRequest
    members: list[str]
    intent: Intent | None = None
    admissions: dict[str, pb.Signed] = field(default_factory=dict)
    attempt: Attempt | None = None
    session: int = 1
    opened: Answers = field(default_factory=dict)

    async def admit(self, at: Sequence[str] | None = None) -> Answers:
        """Shows the request to signers; keeps the intent and the admissions of those that took it."""
        names = list(at or self.world.names)
        message = pb.Request(admit=pb.Admit(request=self.request))
        answers = await self._ask({name: message for name in names})
        for name, answer in answers.items():
            if answer.HasField("admitted"):
                self.admissions[name] = answer.admitted.admission
                self.intent = Intent.from_bytes(answer.admitted.intent)
        return answers

    def build(self, **fields: int) -> Attempt:
        """The honest bytes, at nonce 0 of an account of its own, or with other fees, gas or nonce."""
        assert self.intent is not None
        if self.intent.operation != TRANSFER:
            self.attempt = Attempt(self.intent.hash, RAW_FORMAT, b"")
            return self.attempt
        charter = self.world.charter
        chain = charter.chain(self.intent.chain or "")
        assert chain is not None
        data = build.build(self.intent, chain, charter.assets, **{**FEES, **fields})
        self.attempt = Attempt(self.intent.hash, EVM_TX, data)
        return self.attempt

    def take_back(self, sender: str, **fields: int) -> Attempt:
        """The bytes that keep those of `build` from taking effect: nothing, from the account to itself."""
        assert self.intent is not None
        chain = self.world.charter.chain(self.intent.chain or "")
        assert chain is not None
        data = build.take_back(chain, sender, **{**FEES, "gas": 21_000, **fields})
        self.attempt = Attempt(self.intent.hash, EVM_TX, data)
        return self.attempt

    def open_message(self, **changes: Any) -> pb.Open:
        """The Open of this session. `changes` replace its fields."""
        assert self.attempt is not None
        fields: dict[str, Any] = {
            "intent_hash": self.attempt.intent,
            "format": self.attempt.format,
            "bytes": self.attempt.data,
            "members": self.members,
            "session": self.session,
            **changes,
        }
        return pb.Open(**fields)

    async def open(self, at: Iterable[str] | None = None, **changes: Any) -> Answers:
        """`at`: the members, unless others are named."""
        message = pb.Request(open=self.open_message(**changes))
        return await self.open_each({name: message.open for name in at or self.members})

    async def open_each(self, messages: Mapping[str, pb.Open]) -> Answers:
        """An Open of its own to each signer."""
        answers = await self._ask({name: pb.Request(open=message) for name, message in messages.items()})
        self.opened.update(answers)
        return answers

    @property
    def votes(self) -> dict[str, pb.Signed]:
        return {name: a.opened.vote for name, a in self.opened.items() if a.HasField("opened")}

    @property
    def tally(self) -> list[pb.Signed]:
        """The entries that came with the votes."""
        return [entry for answer in self.opened.values() for entry in answer.opened.tally]

    @property
    def session_id(self) -> bytes:
        return next(a.opened.session_id for a in self.opened.values() if a.HasField("opened"))

    async def release(
        self,
        votes: Mapping[str, Sequence[pb.Signed]] | None = None,
        tally: Mapping[str, Sequence[pb.Signed]] | None = None,
        at: Iterable[str] | None = None,
    ) -> Answers:
        """Gives each member the votes; `votes` and `tally` say what a member gets in place of the honest
        list.
        """
        honest = list(self.votes.values())
        book = self.world.hub.book
        await book.wait_for(honest)
        messages = {
            name: pb.Release(
                session_id=self.opened[name].opened.session_id,
                votes=(votes or {}).get(name, honest),
                tally=(tally or {}).get(name, book.lacking(name)),
            )
            for name in at or self.members
        }
        answers = await self._ask({name: pb.Request(release=m) for name, m in messages.items()})
        for name, answer in answers.items():
            if answer.HasField("done") and name not in (tally or {}):
                book.acknowledge(name, messages[name].tally)
        return answers

    async def end(self, timeout: float = 10.0) -> dict[str, End | None]:
        """How the session ended at each member; None where nothing was said in time."""
        waiting = {
            name: self.world.hub.end_of(name, answer.opened.session_id)
            for name, answer in self.opened.items()
            if answer.HasField("opened")
        }
        if waiting:
            await asyncio.wait(waiting.values(), timeout=timeout)
        return {name: future.result() if future.done() else None for name, future in waiting.items()}

    async def abandon(self) -> None:
        """Gives the session up at everybody who voted in it."""
        voted = {name: a.opened.session_id for name, a in self.opened.items() if a.HasField("opened")}
        await self._ask({n: pb.Request(abandon=pb.Abandon(session_id=id)) for n, id in voted.items()})
        self.opened.clear()

    async def _ask(self, messages: Mapping[str, pb.Request]) -> Answers:
        ask = self.world.hub.ask
        answers = await asyncio.gather(*(ask(name, message) for name, message in messages.items()))
        return dict(zip(messages, answers, strict=True))


def check_of(refusal: pb.Refusal) -> str:
    """The check that refused; `keeper:` before those of the keeper, which have the same names where both
    check.
    """
    return f"keeper:{refusal.check}" if refusal.reason_class.endswith("_error") else refusal.check


def refusals(answers: Mapping[str, pb.Answer]) -> dict[str, str]:
    """Which check refused, by signer."""
    return {name: check_of(a.refusal) for name, a in answers.items() if a.HasField("refusal")}


def vote_of(signed: pb.Signed) -> Vote:
    return Vote.from_bytes(signed.body)


def altered(signed: pb.Signed, **fields: Any) -> pb.Signed:
    """The vote with other fields under the signature it had."""
    return pb.Signed(body=replace(vote_of(signed), **fields).to_bytes(), signature=signed.signature)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
