"""Running the production commands: the same program that people run, as subprocesses with --json."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from quorate.client.ceremony import processes
from quorate.client.cli.output import Exit
from quorate.core.errors import QuorateError

QUORATE: Final = (sys.executable, "-m", "quorate.client.cli.main")


def run(*arguments: str | Path) -> dict[str, Any]:
    """The JSON answer of one command.

    Raises QuorateError with the command's own error.
    """
    return _checked(_call(arguments), arguments)


def _call(arguments: Sequence[str | Path]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*QUORATE, *map(str, arguments), "--json"], check=False, capture_output=True)


def _document(done: subprocess.CompletedProcess[bytes], arguments: Sequence[str | Path]) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise QuorateError("command", f"quorate {_words(arguments)}: {lines[-1]}", "bug") from None
    return document


def _checked(done: subprocess.CompletedProcess[bytes], arguments: Sequence[str | Path]) -> dict[str, Any]:
    document = _document(done, arguments)
    if done.returncode:
        error = document.get("error", {})
        message = f"quorate {_words(arguments)}: {error.get('message', done.returncode)}"
        whose, hint = error.get("whose", "state"), error.get("hint", "")
        raise QuorateError(error.get("code", "command"), message, whose, hint)
    return document


def _words(arguments: Sequence[str | Path]) -> str:
    return " ".join(str(argument) for argument in arguments[:2])


def spawn(log: Path, command: Sequence[str | Path]) -> int:
    """Starts a daemon in a session of its own, output appended to `log`; its process id."""
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as output:
        daemon = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return daemon.pid


def reap() -> None:
    """Collects children that have ended, so that none stays as a zombie."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def verdict(*arguments: str | Path) -> dict[str, Any]:
    """As `run`, for a command whose exit code 1 is an answer.

    Raises QuorateError with the command's own error.
    """
    done = _call(arguments)
    return _document(done, arguments) if done.returncode == Exit.REFUSED else _checked(done, arguments)


def end(running: Mapping[str, processes.Process]) -> None:
    """Ends daemons and collects them."""
    processes.end(running, signal.SIGTERM, 10)
    reap()


def until(ready: Callable[[], bool], seconds: float = 30) -> None:
    """Asks again and again.

    Raises QuorateError timeout.
    """
    limit = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > limit:
            raise QuorateError("timeout", f"not ready after {seconds:.0f} s", "state")
        time.sleep(0.05)
