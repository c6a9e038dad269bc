"""Processes that outlive the command that started them: recorded with their start time, so that a reused
id is never mistaken.
"""

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quorate.client.ceremony import files


@dataclass(frozen=True, slots=True)
class Process:
    """A process id and the clock ticks after boot at which it started (proc(5), stat field 22)."""

    pid: int
    started: int

    def alive(self) -> bool:
        """Whether this very process still runs; one that only waits to be reaped does not."""
        state = _state(self.pid)
        return state is not None and state[1] == self.started and state[0] not in "ZX"

    def send(self, number: signal.Signals) -> None:
        """Sends a signal, if it still runs."""
        if self.alive():
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Waits until it ends; false when it has not within `seconds`."""
        until = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True


def _state(pid: int) -> tuple[str, int] | None:
    """State letter and start time."""
    try:
        content = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = content[content.rindex(")") + 2 :].split()
    return fields[0], int(fields[19])


def of(pid: int) -> Process:
    """The process that has `pid` now."""
    state = _state(pid)
    return Process(pid, state[1] if state else 0)


def record(path: Path, pids: Mapping[str, int]) -> None:
    """Writes a run file: {"<role>": {"pid", "started"}, ...}."""
    files.write_json(path, {role: {"pid": pid, "started": of(pid).started} for role, pid in pids.items()})


def recorded(path: Path) -> dict[str, Process]:
    """The processes of a run file; empty when there is none."""
    if not path.exists():
        return {}
    document: dict[str, Any] = files.read_json(path)
    return {role: Process(**entry) for role, entry in document.items()}


def end(processes: Mapping[str, Process], number: signal.Signals, patience: float) -> None:
    """Signals all of them, waits, and kills what is left."""
    for process in processes.values():
        process.send(number)
    for process in processes.values():
        if not process.wait(patience):
            process.send(signal.SIGKILL)
            process.wait(5)
