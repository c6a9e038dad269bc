"""Where a request waits for people: who is told when a statement comes in."""

import asyncio
import contextlib
from collections.abc import Iterator


class Desk:
    """One event for each request that somebody waits for; nothing of it must survive a restart."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, asyncio.Event] = {}

    @contextlib.contextmanager
    def watch(self, intent_hash: bytes) -> Iterator[asyncio.Event]:
        """Set at each statement about the intent from here on; the waiter clears it before it looks."""
        event = self._waiting[intent_hash] = asyncio.Event()
        try:
            yield event
        finally:
            if self._waiting.get(intent_hash) is event:
                del self._waiting[intent_hash]

    def said(self, intent_hash: bytes) -> None:
        """A statement about the intent is durable."""
        event = self._waiting.get(intent_hash)
        if event is not None:
            event.set()
