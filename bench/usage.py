"""CPU and memory of processes, from the kernel's own accounting (proc(5))."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
Roles = Mapping[str, Sequence[int]]
"""Process ids of each role: server, judges, keepers."""


def cpu_seconds(roles: Roles) -> dict[str, float]:
    """User and system time that each role has used since its processes began. Ticks of 10 ms."""
    return {role: sum(map(_cpu, pids)) for role, pids in roles.items()}


def _cpu(pid: int) -> float:
    content = Path(f"/proc/{pid}/stat").read_text()
    fields = content[content.rindex(")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(roles: Roles) -> dict[str, dict[str, float]]:
    """The largest process of each role: resident, most ever resident, locked."""
    names = {"resident": "VmRSS", "peak": "VmHWM", "locked": "VmLck"}
    found = {role: [_status(pid) for pid in pids] for role, pids in roles.items()}
    return {
        role: {name: max(status[field] for status in statuses) for name, field in names.items()}
        for role, statuses in found.items()
    }


def _status(pid: int) -> dict[str, float]:
    fields = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if value.endswith(" kB"):
            fields[name] = int(value.split()[0]) / 1024
    return fields
