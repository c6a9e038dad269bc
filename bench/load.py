"""Clients, each with one connection: POST, wait for the signature, next. A closed loop."""

import asyncio
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bench.connection import Connection
from bench.requester import Prepared

SHORTEST: Final = 0.001
"""Seconds between two looks for a signature, at least."""
BACKOFF: Final = 1.5
FIRST_GUESS: Final = 0.02
"""Seconds from admission to signature."""
ENDED_BADLY: Final = frozenset({"REJECTED", "BLOCKED", "FAILED", "CANCELLED"})


class NotSigned(Exception):
    """A request of the load ended in something else than a signature."""


@dataclass(slots=True)
class Progress:
    """What a load has done so far. `expected` is the smoothed time from admission to signature: a client
    first looks shortly after that, because every look costs the server time.
    """

    expected: float = FIRST_GUESS
    reads: int = 0
    done: list[Prepared] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ran:
    """`seconds` of wall time; `client_cpu` of this process, which is not in the cluster's figures.
    `expected`: where the next load of the same kind begins, see Progress.
    """

    seconds: float
    reads: int
    client_cpu: float
    expected: float


async def run(
    address: tuple[str, int], requests: Sequence[Prepared], clients: int, expected: float = FIRST_GUESS
) -> Ran:
    """Sends all requests. Raises NotSigned."""
    waiting, progress = iter(requests), Progress(expected)
    begin, cpu = time.perf_counter(), _own_cpu()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(client(address, waiting, progress))
    return Ran(time.perf_counter() - begin, progress.reads, _own_cpu() - cpu, progress.expected)


async def client(address: tuple[str, int], waiting: Iterator[Prepared], progress: Progress) -> None:
    """Takes requests until there are none left."""
    async with Connection(*address) as connection:
        for request in waiting:
            await connection.send(request.http)
            await _signature(connection, request, progress)
            progress.done.append(request)


async def _signature(connection: Connection, request: Prepared, progress: Progress) -> None:
    pause = max(SHORTEST, progress.expected / 2)
    await asyncio.sleep(1.1 * progress.expected)
    while True:
        progress.reads += 1
        document = await connection.get(f"/quorate/v1/intents/{request.intent_hash}")
        if document["status"] == "COMPLETED":
            break
        if document["status"] in ENDED_BADLY:
            raise NotSigned(f"{document['status']}: {document['system_messages']}")
        await asyncio.sleep(pause)
        pause *= BACKOFF
    stamps = document["stamps_us"]
    progress.expected += ((stamps["signed"] - stamps["admitted"]) / 1e6 - progress.expected) / 8


async def documents(address: tuple[str, int], requests: Sequence[Prepared]) -> list[dict[str, Any]]:
    """What the server says of each request, time stamps included."""
    async with Connection(*address) as connection:
        return [await connection.get(f"/quorate/v1/intents/{request.intent_hash}") for request in requests]


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
