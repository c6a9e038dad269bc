"""What the figures were made on."""

import datetime
import os
import platform
import sqlite3
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def describe(folder: Path) -> dict[str, object]:
    """Hardware, versions and the cost of one durable write in `folder`, where the cluster's files lie."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "rust": _first_line("rustc", "--version"),
        "commit": _first_line("git", "rev-parse", "--short", "HEAD"),
        "load_average": round(os.getloadavg()[0], 2),
        "filesystem": _first_line("stat", "-f", "-c", "%T", str(folder)),
        "fsync_ms": fsync_ms(folder),
    }


def fsync_ms(folder: Path, writes: int = 100) -> float:
    """Median milliseconds of one appended block of 4 KiB made durable."""
    path = folder / "fsync.probe"
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(writes):
            begin = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begin)
    path.unlink()
    return round(statistics.median(times) * 1e3, 3)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(": ", 1)[1]
    return platform.machine()


def _first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.splitlines()[0]
