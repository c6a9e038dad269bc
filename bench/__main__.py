"""`python -m bench`: prints the tables, writes bench/out/bench.json. docs/performance.md says what
they mean.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any, Final

from bench import floor, judging, kills, machine, memory, protocols, service, usage
from bench.cluster import Cluster
from bench.requester import ECDSA, ED25519
from bench.tables import table

OUT: Final = Path(__file__).parent / "out"
CURVES: Final = (ED25519, ECDSA)
LOADS: Final = ((1, 20, 150), (8, 40, 400), (32, 64, 600))
"""Clients, signatures of the warm-up, signatures counted."""
KILLS: Final = 20
PARTS: Final = ("judging", "protocols", "service", "memory", "floor", "kills")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], help="what to measure; all of it when none is named"
    )
    parser.add_argument("--kills", type=int, default=KILLS, help="how often a signer is killed")
    arguments = parser.parse_args()
    begin = time.monotonic()
    found = asyncio.run(_measure(set(arguments.parts or PARTS), arguments.kills))
    found["seconds"] = round(time.monotonic() - begin, 1)
    OUT.mkdir(exist_ok=True)
    (OUT / "bench.json").write_text(json.dumps(found, indent=2) + "\n")
    print(f"\n{found['seconds']:.0f} s. The same figures as JSON: bench/out/bench.json")


async def _measure(parts: set[str], number_of_kills: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with Cluster() as cluster:
        found["machine"] = machine.describe(cluster.home)
        _print(table("Machine", ("", ""), [[name, str(value)] for name, value in found["machine"].items()]))
        if "judging" in parts:
            found["judging"] = judging.measure()
            _print(judging.show(found["judging"]))
        if "protocols" in parts:
            found["protocols"] = protocols.measure()
            _print(protocols.show(found["protocols"]))
        if parts - {"judging", "protocols"}:
            await _with_cluster(cluster, parts, number_of_kills, found)
    return found


async def _with_cluster(
    cluster: Cluster, parts: set[str], number_of_kills: int, found: dict[str, Any]
) -> None:
    """In this order: the floor comes last, because its signers are no signers."""
    cluster.start()
    idle = usage.memory_mib(cluster.roles())
    if parts & {"service", "memory", "floor"}:
        rows = found["service"] = await _loads(cluster)
        _print(service.show("The service: RAW through the HTTP API, three signers, t = 2", rows))
        _print(service.show_stages("Where the time of one signature goes, medians", rows))
    if "memory" in parts:
        found["memory_mib"] = {"idle": idle, "after_load": usage.memory_mib(cluster.roles())}
        _print(memory.show(**found["memory_mib"]))
    if "kills" in parts:
        found["kills"] = await kills.measure(cluster, ECDSA, number_of_kills)
        _print(kills.show(found["kills"]))
    if "floor" in parts:
        floor.replace_signers(cluster)
        rows = found["floor"] = await _loads(cluster)
        _print(service.show("The floor: the same path, one local key in place of the threshold step", rows))
        _print(service.show_floor(found["service"], rows))


async def _loads(cluster: Cluster) -> list[dict[str, Any]]:
    return [await service.measure(cluster, curve, *size) for curve in CURVES for size in LOADS]


def _print(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
