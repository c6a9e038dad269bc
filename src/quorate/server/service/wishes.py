"""What somebody asks of a transaction that is signed and not mined: a higher fee, or to take it back."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from quorate.core.errors import QuorateError
from quorate.server.store.rows import Transaction


@dataclass(frozen=True, slots=True)
class Wish:
    """`cancels`: to take it back. `ceiling`: the highest total fee that whoever asks accepts, in the smallest
    unit; None leaves it to the request's own. `stored` is the row once the new bytes are durable.
    """

    cancels: bool
    ceiling: int | None
    stored: "asyncio.Future[Transaction]"


@dataclass(slots=True)
class Wishes:
    """Of one transaction. `wanted` is set while there are any."""

    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: deque[Wish] = field(default_factory=deque)

    def add(self, cancels: bool, ceiling: int | None) -> Wish:
        wish = Wish(cancels, ceiling, asyncio.get_running_loop().create_future())
        self._waiting.append(wish)
        self.wanted.set()
        return wish

    def next(self) -> Wish | None:
        """The oldest one that somebody still waits for."""
        while self._waiting:
            wish = self._waiting.popleft()
            if not wish.stored.done():
                return wish
        self.wanted.clear()
        return None

    def refuse(self, failure: QuorateError) -> None:
        """Whoever still waits is told."""
        while (wish := self.next()) is not None:
            wish.stored.set_exception(failure)
