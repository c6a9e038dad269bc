"""One signer of a dev cluster: start, stop, kill. Its run file says which processes it is."""

import signal
import time
from pathlib import Path
from typing import Any, Final

from quorate.client.ceremony import files, judge, processes
from quorate.client.dev import commands, daemons
from quorate.client.dev.options import Layout
from quorate.core.errors import QuorateError

_PATIENCE: Final = 30.0


def start(layout: Layout, id: str, link: str) -> None:
    """Starts a signer and returns when its judge answers on its socket.

    Raises QuorateError signer_down with the last line of its log.
    """
    folder = layout.signer(id)
    files.read(folder / "signer.json")
    if alive(folder):
        raise QuorateError("already_running", f"{id} runs already", "caller")
    (folder / "judge.sock").unlink(missing_ok=True)
    pid = commands.spawn(
        layout.log(id), [*commands.QUORATE, "signer", "run", "--dir", folder, "--server", link]
    )
    daemons.wait(lambda: _answers(folder), pid, layout.log(id), id)


def wait_until_it_votes(layout: Layout, id: str, seconds: float = _PATIENCE) -> dict[str, Any]:
    """The signer's status once it may vote: the start rule is met, or an order readmitted it.

    Raises QuorateError not_voting, with the reason that the signer gives.
    """
    until = time.monotonic() + seconds
    while not (state := judge.ask(layout.signer(id), {"do": "status"}))["may_vote"]:
        if time.monotonic() > until:
            reason = (
                state["refusal"]
                or f"heard {', '.join(state['heard']) or 'nobody'} of {state['needed']} needed"
            )
            raise QuorateError("not_voting", f"{id} may not vote: {reason}", "state", f"see {layout.log(id)}")
        time.sleep(0.05)
    return state


def stop(layout: Layout, id: str, *, kill: bool = False) -> None:
    """Ends a signer: asked to (SIGTERM), or with SIGKILL to judge and keeper at once.

    Raises QuorateError not_running.
    """
    running = {role: process for role, process in recorded(layout.signer(id)).items() if process.alive()}
    if not running:
        raise QuorateError("not_running", f"{id} does not run", "caller")
    processes.end(running, signal.SIGKILL if kill else signal.SIGTERM, 10)


def recorded(folder: Path) -> dict[str, processes.Process]:
    """Judge and keeper, as `signer run` recorded them."""
    return processes.recorded(folder / "run.json")


def alive(folder: Path) -> bool:
    """Whether a process of this signer runs."""
    return any(process.alive() for process in recorded(folder).values())


def _answers(folder: Path) -> bool:
    try:
        judge.ask(folder, {"do": "status"}, timeout=5)
    except QuorateError:
        return False
    return True
