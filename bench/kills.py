"""One signer killed under load: how long until the next signature."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator
from typing import Any, Final

from bench import load
from bench.cluster import Cluster
from bench.requester import Curve, Prepared
from bench.service import percentile
from bench.tables import table
from bench.verify import verify

CLIENTS: Final = 4
BATCH: Final = 16
"""Requests made at a time: their tokens are fresh, and the client seldom stops to make more."""
BEFORE: Final = 0.5
AFTER: Final = 1.0
"""Seconds of load before a kill and after it."""


async def measure(cluster: Cluster, curve: Curve, kills: int) -> dict[str, Any]:
    """Kills the signers in turn, judge and keeper at once, each time at a random moment.

    Raises load.NotSigned.
    """
    progress, stop = load.Progress(), asyncio.Event()
    waiting = _endless(cluster, curve, stop)
    moments: list[int] = []
    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(load.client(cluster.address, waiting, progress))
        for number in range(kills):
            await asyncio.sleep(BEFORE + random.random() * 0.2)
            moments.append(await _kill_and_restart(cluster, number))
        stop.set()
    await asyncio.sleep(0.5)
    documents = await load.documents(cluster.address, progress.done)
    for request, document in zip(progress.done, documents, strict=True):
        verify(request, document, cluster.certificates)
    return _gaps(moments, [document["stamps_us"] for document in documents], curve)


def _endless(cluster: Cluster, curve: Curve, stop: asyncio.Event) -> Iterator[Prepared]:
    requester = cluster.requester()
    while not stop.is_set():
        for request in requester.prepare(curve, BATCH):
            if stop.is_set():
                return
            yield request


async def _kill_and_restart(cluster: Cluster, number: int) -> int:
    """The moment right after the signals: microseconds of the clock that stamps results. Returns once the
    signer may vote again.
    """
    signers = cluster.dev["signers"]
    victim = signers[number % len(signers)]
    for pid in (victim["pid"], victim["keeper_pid"]):
        os.kill(pid, signal.SIGKILL)
    moment = time.time_ns() // 1000
    await asyncio.sleep(AFTER)
    await asyncio.to_thread(cluster.signer, "start", victim["id"])
    return moment


def _gaps(moments: list[int], stamps: list[dict[str, int]], curve: Curve) -> dict[str, Any]:
    stored = sorted(stamp["stored"] for stamp in stamps)
    gaps = [(next(at for at in stored if at > moment) - moment) / 1e3 for moment in moments]
    caught = [_slowest(moment, stamps) for moment in moments]
    return {
        "curve": curve.name,
        "clients": CLIENTS,
        "kills": len(moments),
        "signatures": len(stamps),
        "gap_ms": _spread(gaps),
        "slowest_in_flight_ms": _spread(caught),
        "gaps_ms": gaps,
    }


def _slowest(moment: int, stamps: list[dict[str, int]]) -> float:
    """The longest that a request took which was under way at the kill, from its first byte."""
    under_way = [stamp for stamp in stamps if stamp["received"] <= moment < stamp["stored"]]
    return max(((stamp["stored"] - stamp["received"]) / 1e3 for stamp in under_way), default=0.0)


def _spread(values: list[float]) -> dict[str, float]:
    return {"p50": percentile(values, 50), "p99": percentile(values, 99), "max": max(values)}


def show(found: dict[str, Any]) -> str:
    rows = [
        [name, *(found[key][figure] for figure in ("p50", "p99", "max"))]
        for name, key in (
            ("kill to the next signature", "gap_ms"),
            ("slowest request under way at the kill", "slowest_in_flight_ms"),
        )
    ]
    foot = (
        f"{found['kills']} kills of judge and keeper by SIGKILL, {found['curve']}, "
        f"{found['clients']} clients; {found['signatures']} requests, each with one verified signature."
    )
    return table("One signer lost under load", ("", "p50 ms", "p99 ms", "max ms"), rows, foot)
