"""A thousand transfers while programs are killed at every point again and again, and several at random.

QUORATE_SOAK_SECONDS bounds the time (20 minutes), QUORATE_SOAK_TRANSFERS the transfers.
"""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from typing import Any

from tests.crash import book as books
from tests.crash import points, traffic, verdict
from tests.crash.client import Client
from tests.crash.programs import Program
from tests.crash.schedule import Killer
from tests.crash.site import Site

SECONDS = float(os.environ.get("QUORATE_SOAK_SECONDS", "1200"))
TRANSFERS = int(os.environ.get("QUORATE_SOAK_TRANSFERS", "1000"))
ACCOUNTS = 16
WORKERS = 8
CALM = 10.0
"""Seconds between two random kills, on average."""
SETTLED_WITHIN = 600.0


async def test_a_thousand_transfers(site: Site, rng: random.Random) -> None:
    began = time.monotonic()
    await site.running()
    client = Client(site.user, site.server.url)
    book = books.Book(await books.accounts(site, client, ACCOUNTS))
    killer = Killer(site, rng)
    killing = asyncio.gather(
        _again_and_again(killer, [site.server], points.SERVER),
        _again_and_again(killer, site.signers, points.SIGNER),
        killer.at_random(site.programs, CALM),
    )
    requests = asyncio.create_task(
        traffic.run(
            client,
            book,
            lambda: len(book.transfers()) < TRANSFERS and time.monotonic() < began + SECONDS,
            workers=WORKERS,
            within=SETTLED_WITHIN,
        )
    )
    running: list[asyncio.Future[Any]] = [killing, requests]
    await asyncio.wait(running, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
    killing.cancel()
    failures = await asyncio.gather(killing, return_exceptions=True)
    assert all(isinstance(failure, asyncio.CancelledError) for failure in failures), failures
    await killer.calm()
    await requests
    await client.close()
    await site.stop()
    verdict.check(site, book, killer)
    print(f"{time.monotonic() - began:.0f} s, {sum(site.reached.values())} kills at points: {site.reached}")
    assert not killer.unreached, killer.unreached


async def _again_and_again(killer: Killer, programs: Sequence[Program], names: Sequence[str]) -> None:
    while True:
        await killer.at_points(programs, names)
