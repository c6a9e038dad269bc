"""kill -9 of server, judge and keeper at every named point and at random moments, during 100 transfers."""

import asyncio
import random
import time

from tests.crash import book as books
from tests.crash import points, traffic, verdict
from tests.crash.client import Client
from tests.crash.schedule import Killer
from tests.crash.site import Site

TRANSFERS = 100
ACCOUNTS = 8
WORKERS = 4


async def test_each_transfer_ends_once(site: Site, rng: random.Random) -> None:
    began = time.monotonic()
    await site.running()
    client = Client(site.user, site.server.url)
    book = books.Book(await books.accounts(site, client, ACCOUNTS))
    killer = Killer(site, rng)
    killing = asyncio.gather(
        killer.at_points([site.server], points.SERVER), killer.at_points(site.signers, points.SIGNER)
    )
    try:
        await traffic.run(
            client, book, lambda: len(book.transfers()) < TRANSFERS or not killing.done(), workers=WORKERS
        )
        await killing
    finally:
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
    await site.all_ready()
    await client.close()
    await site.stop()

    verdict.check(site, book, killer)
    counts = {point: site.reached.get(point, 0) for point in sorted(points.ALL)}
    print(f"{time.monotonic() - began:.0f} s; kills at points: {counts}")
    assert not killer.unreached, killer.unreached
    assert all(counts.values()), [point for point, count in counts.items() if not count]
