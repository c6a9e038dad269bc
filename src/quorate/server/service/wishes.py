"""What somebody asks of a transaction that is signed and not mined: a higher fee, or to take it back."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from quorate.core.errors import QuorateError
from quorate.server.store.rows import Transaction

MOST_WAITING: Final = 8


@dataclass(frozen=True, slots=True)
class Wish:
    """`cancels`: to take it back. `ceiling`: the highest total fee that whoever asks accepts, in the smallest
    unit; None leaves it to the request's own. `stored` is the row once the new bytes are durable.
    """

    cancels: bool
    ceiling: int | None
    stored: "asyncio.Future[Transaction]"

    def grant(self, stored: Transaction) -> None:
        if not self.stored.done():  # whoever asked may have gone away
            self.stored.set_result(stored)

    def refuse(self, failure: QuorateError) -> None:
        if not self.stored.done():
            self.stored.set_exception(failure)


@dataclass(slots=True)
class Wishes:
    """Of one transaction. `wanted` is set while there are any."""

    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: deque[Wish] = field(default_factory=deque)

    def add(self, cancels: bool, ceiling: int | None) -> Wish:
        """Raises QuorateError replacement_pending where too many wait."""
        if len(self._waiting) >= MOST_WAITING:
            raise QuorateError("replacement_pending", "others ask for the same already", "state", "wait")
        wish = Wish(cancels, ceiling, asyncio.get_running_loop().create_future())
        self._waiting.append(wish)
        self.wanted.set()
        return wish

    def next(self) -> Wish | None:
        """The oldest one that somebody still waits for."""
        found: Wish | None = None
        while self._waiting and found is None:
            wish = self._waiting.popleft()
            found = None if wish.stored.done() else wish
        if not self._waiting:
            self.wanted.clear()
        return found

    def refuse(self, failure: QuorateError) -> None:
        """Whoever still waits is told."""
        while (wish := self.next()) is not None:
            wish.refuse(failure)
