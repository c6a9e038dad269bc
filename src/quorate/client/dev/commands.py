"""Running the production commands: the same program that people run, as subprocesses with --json."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from quorate.core.errors import QuorateError

QUORATE: Final = (sys.executable, "-m", "quorate.client.cli.main")


def run(*arguments: str | Path) -> dict[str, Any]:
    """The JSON answer of one command.

    Raises QuorateError with the command's own error.
    """
    done = subprocess.run([*QUORATE, *map(str, arguments), "--json"], check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        document: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise QuorateError("command", f"quorate {_words(arguments)}: {last[0]}", "bug") from None
    if done.returncode:
        error = document.get("error", {})
        message = f"quorate {_words(arguments)}: {error.get('message', done.returncode)}"
        raise QuorateError(error.get("code", "command"), message, error.get("whose", "state"), error.get("hint", ""))
    return document


def _words(arguments: Sequence[str | Path]) -> str:
    return " ".join(str(argument) for argument in arguments[:2])


def spawn(log: Path, *arguments: str | Path) -> int:
    """Starts a daemon in a session of its own, output appended to `log`; its process id."""
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as output:
        daemon = subprocess.Popen(
            [*QUORATE, *map(str, arguments)],
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
