"""Requests, several at once, for as long as there is something to disturb them."""

import asyncio
from collections.abc import Callable
from typing import Final

from tests.crash.book import Book
from tests.crash.client import Client

SETTLED_WITHIN: Final = 150.0
PAUSE: Final = 0.5
"""Seconds between two requests of a worker: the tests are about crashes, not about load."""


async def run(
    client: Client, book: Book, wanted: Callable[[], bool], *, workers: int, within: float = SETTLED_WITHIN
) -> None:
    """New requests while they are `wanted`, each followed to its end. Raises TimeoutError for one without."""

    async def work() -> None:
        while wanted():
            request = book.next()
            request.outcome = await client.settle(request.body, within)
            await asyncio.sleep(PAUSE)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work())
