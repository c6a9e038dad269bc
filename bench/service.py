"""The service under load, from the first byte of a POST to the stored signature."""

import asyncio
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bench import load, usage
from bench.cluster import Cluster
from bench.requester import Curve
from bench.tables import Cell, table
from bench.verify import verify

SETTLE: Final = 0.5
"""Seconds after a load: what the server writes lazily, the last time stamp among it, belongs to the load."""
STAGES: Final = (
    ("admit", "received", "admitted"),
    ("open, vote", "admitted", "voted"),
    ("release, protocol", "voted", "signed"),
    ("store", "signed", "stored"),
)
"""Each is the time between two of the server's stamps."""


async def measure(cluster: Cluster, curve: Curve, clients: int, warm_up: int, count: int) -> dict[str, Any]:
    """One row. Raises load.NotSigned, verify.BadSignature."""
    address, requester = cluster.address, cluster.requester()
    warmed = await load.run(address, requester.prepare(curve, warm_up), clients)
    requests = requester.prepare(curve, count)
    before = usage.cpu_seconds(cluster.roles())
    ran = await load.run(address, requests, clients, warmed.expected)
    await asyncio.sleep(SETTLE)
    after = usage.cpu_seconds(cluster.roles())
    documents = await load.documents(address, requests)
    for request, document in zip(requests, documents, strict=True):
        verify(request, document, cluster.certificates)
    spent = {role: (after[role] - before[role]) * 1e3 / count for role in after}
    return {
        "curve": curve.name,
        "clients": clients,
        "warm_up": warm_up,
        "signatures": count,
        "verified": len(documents),
        "rate_per_s": count / ran.seconds,
        **_latency([document["stamps_us"] for document in documents]),
        "sessions_per_signature": statistics.fmean(len(document["sessions"]) for document in documents),
        "cpu_ms_per_signature": {**spent, "cluster": sum(spent.values())},
        "client_cpu_ms_per_signature": ran.client_cpu * 1e3 / count,
        "reads_per_signature": ran.reads / count,
    }


def _latency(stamps: Sequence[Mapping[str, int]]) -> dict[str, Any]:
    """Milliseconds. Medians of stages do not add up to the median of the whole."""
    whole = [(stamp["stored"] - stamp["received"]) / 1e3 for stamp in stamps]
    stages = {
        name: statistics.median((stamp[end] - stamp[begin]) / 1e3 for stamp in stamps)
        for name, begin, end in STAGES
    }
    return {
        "p50_ms": percentile(whole, 50),
        "p99_ms": percentile(whole, 99),
        "max_ms": max(whole),
        "stages_p50_ms": stages,
        "costliest_stage": max(stages, key=lambda name: stages[name]),
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def show(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Rate, latency and CPU."""
    heads = (
        "curve", "clients", "signatures", "rate/s", "p50 ms", "p99 ms",
        "CPU ms/sig", "server", "judges", "keepers", "client", "reads/sig",
    )  # fmt: skip
    return table(title, heads, [_cells(row) for row in rows], _warm_up(rows))


def _cells(row: Mapping[str, Any]) -> list[Cell]:
    cpu = row["cpu_ms_per_signature"]
    return [
        *(row[name] for name in ("curve", "clients", "signatures", "rate_per_s", "p50_ms", "p99_ms")),
        *(cpu[role] for role in ("cluster", "server", "judges", "keepers")),
        row["client_cpu_ms_per_signature"],
        row["reads_per_signature"],
    ]


def _warm_up(rows: Sequence[Mapping[str, Any]]) -> str:
    warm_up = sorted({row["warm_up"] for row in rows})
    verified = sum(row["verified"] for row in rows)
    return (
        f"Warm-up before each row, not counted: {', '.join(map(str, warm_up))} signatures. "
        f"Verified outside the server: {verified} of {sum(row['signatures'] for row in rows)}. "
        "CPU/sig is server + judges + keepers; the client is apart."
    )


def show_stages(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Where the time goes."""
    names = [name for name, _, _ in STAGES]
    cells: list[list[Cell]] = [
        [
            row["curve"],
            row["clients"],
            *(row["stages_p50_ms"][name] for name in names),
            row["costliest_stage"],
        ]
        for row in rows
    ]
    return table(title, ("curve", "clients", *(f"{name} ms" for name in names), "costs most"), cells)


def show_floor(service: Sequence[Mapping[str, Any]], floor: Sequence[Mapping[str, Any]]) -> str:
    """Each figure of the service over that of the floor."""
    beside = {(row["curve"], row["clients"]): row for row in floor}
    rows: list[list[Cell]] = []
    for row in service:
        if (base := beside.get((row["curve"], row["clients"]))) is None:
            continue
        cpu, base_cpu = row["cpu_ms_per_signature"]["cluster"], base["cpu_ms_per_signature"]["cluster"]
        ratios = (row["rate_per_s"] / base["rate_per_s"], row["p50_ms"] / base["p50_ms"], cpu / base_cpu)
        rows.append([row["curve"], row["clients"], *ratios, row["p50_ms"] - base["p50_ms"], cpu - base_cpu])
    heads = ("curve", "clients", "x rate", "x p50", "x CPU", "p50 more, ms", "CPU more, ms/sig")
    return table("The service over its floor: what the threshold step adds", heads, rows)
