"""Daemons of a dev cluster: waiting until one serves, and the server's own start."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from quorate.client.ceremony import processes
from quorate.client.dev import commands
from quorate.client.dev.options import Layout
from quorate.core.errors import QuorateError

_PATIENCE: Final = 30.0


def wait(ready: Callable[[], bool], pid: int, log: Path, name: str) -> None:
    """Returns when `ready` says so.

    Raises QuorateError not_started with the last line of the log when the process ended, or took too long.
    """
    process = processes.of(pid)
    until = time.monotonic() + _PATIENCE
    while not ready():
        commands.reap()
        if not process.alive() or time.monotonic() > until:
            raise QuorateError(
                "not_started", f"{name} did not start: {_last_line(log)}", "state", f"see {log}"
            )
        time.sleep(0.05)


def start_server(
    layout: Layout, program: Sequence[str | Path] = (*commands.QUORATE, "server", "run")
) -> None:
    """Starts the server, or another `program` that takes --dir, and returns when it serves."""
    ready = layout.server / "server.ready"
    ready.unlink(missing_ok=True)
    pid = commands.spawn(layout.log("server"), [*program, "--dir", layout.server])
    wait(ready.exists, pid, layout.log("server"), "the server")
    processes.record(layout.server / "run.json", {"server": pid})


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it wrote nothing"
