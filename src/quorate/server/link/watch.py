"""Waiting for the end of a signing session."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from quorate.core.proto import link_pb2
from quorate.server.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Done:
    """A member's keeper combined and verified."""

    signer: str
    result: link_pb2.Result


@dataclass(frozen=True, slots=True)
class Dead:
    """A member gave the session up."""

    signer: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Lost:
    """A member's stream ended."""

    signer: str


class Watch:
    """What members say of one session, in the order in which it arrived."""

    def __init__(self, members: Sequence[str]) -> None:
        self.members = frozenset(members)
        self._events: asyncio.Queue[Done | Dead | Lost] = asyncio.Queue()

    def put(self, event: Done | Dead | Lost) -> None:
        """Strangers to the session are not heard."""
        if event.signer in self.members:
            self._events.put_nowait(event)

    async def next(self, timeout: float) -> Done | Dead | Lost | None:
        """None after `timeout` seconds of silence."""
        try:
            async with asyncio.timeout(timeout):
                return await self._events.get()
        except TimeoutError:
            return None
