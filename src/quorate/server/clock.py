"""The server's clock. Signers go by their own; this one only dates rows and refuses early what signers
would refuse."""

import asyncio
import contextlib
import time


def seconds() -> int:
    """Unix seconds."""
    return time.time_ns() // 1_000_000_000


def milliseconds() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000


def microseconds() -> int:
    """Unix microseconds: the stamps of a transaction's stages."""
    return time.time_ns() // 1_000


async def within(seconds: float, event: asyncio.Event) -> bool:
    """Whether it is set now, or becomes so within the time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
