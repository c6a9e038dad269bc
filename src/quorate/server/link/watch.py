"""Waiting for the end of a signing session."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from quorate.core.errors import QuorateError
from quorate.core.proto import link_pb2
from quorate.server.refusal import Refusal, from_message


@dataclass(frozen=True, slots=True)
class Done:
    """A member's keeper combined and verified."""

    signer: str
    result: link_pb2.Result


@dataclass(frozen=True, slots=True)
class Ended:
    """A member gave the session up, with its reason, or its stream ended (None)."""

    signer: str
    refusal: Refusal | None


class Watch:
    """What members say of one session, in the order in which it arrived."""

    def __init__(self, members: Sequence[str]) -> None:
        self.members = frozenset(members)
        self._events: asyncio.Queue[Done | Ended] = asyncio.Queue()

    def put(self, event: Done | Ended) -> None:
        """Strangers to the session are not heard."""
        if event.signer in self.members:
            self._events.put_nowait(event)

    async def next(self, within: float) -> Done | Ended | None:
        """None after `within` seconds of silence."""
        try:
            async with asyncio.timeout(within):
                return await self._events.get()
        except TimeoutError:
            return None

    async def follow(self, member: str, asked: Awaitable[link_pb2.Answer]) -> bool:
        """Hears a member's answer to Release where it says more than that it arrived; False when it
        was not taken."""
        try:
            answer = await asked
        except QuorateError:
            self.put(Ended(member, None))
            return False
        kind = answer.WhichOneof("answer")
        if kind == "refusal":
            self.put(Ended(member, from_message(member, answer.refusal)))
            return False
        if kind == "result":
            self.put(Done(member, answer.result))
        return True
