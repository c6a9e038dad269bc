"""Run a signer in the foreground: starts the keeper with one end of a socket pair, then becomes the judge
with the other.

With --judge-user and --keeper-user (as root) the two run under different users, and no process stays root.
Otherwise the signer says `isolation: same-user`, which a production charter refuses. It is the judge that
finds out, from the kernel, and not this launcher that tells it.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from quorate.client.ceremony import files, keeper, processes, users
from quorate.client.cli.output import Json, note
from quorate.core.errors import QuorateError


def command(
    folder: Annotated[Path, typer.Option("--dir", help="Folder made by `signer init`.")],
    server: Annotated[
        str | None, typer.Option(help="HOST:PORT of the server's link, in place of the one of `signer init`.")
    ] = None,
    judge_user: Annotated[str | None, typer.Option(help="User of the judge (needs root).")] = None,
    keeper_user: Annotated[str | None, typer.Option(help="User of the keeper (needs root).")] = None,
    passphrase_fd: Annotated[
        int | None, typer.Option(help="File descriptor to read the passphrase from.")
    ] = None,
    json_output: Json = False,
) -> None:
    folder = folder.resolve()
    configuration = files.read_json(folder / "signer.json")
    if (judge_user is None) != (keeper_user is None) or (
        judge_user is not None and judge_user == keeper_user
    ):
        raise QuorateError(
            "users", "--judge-user and --keeper-user are two different users, or neither is given"
        )
    program = keeper.program()
    if judge_user and keeper_user:
        users.check(program, folder, judge_user, keeper_user)
    else:
        note("isolation: same-user (enough for a dev charter only)")
    keeper.allow_locked_memory()
    judge_end, keeper_end = socket.socketpair()
    with users.without_network():
        started = _start_keeper(program, configuration, keeper_end, passphrase_fd, keeper_user)
    keeper_end.close()
    if passphrase_fd is not None:
        os.close(passphrase_fd)
    processes.record(folder / "run.json", {"judge": os.getpid(), "keeper": started.pid})
    if judge_user:
        keeper.become(judge_user)
    judge_end.set_inheritable(True)
    arguments = ["--dir", str(folder), "--keeper-fd", str(judge_end.fileno())]
    arguments += ("--server", server) if server else ()
    os.execv(sys.executable, [sys.executable, "-m", "quorate.judge.main", *arguments])  # noqa: S606


def _start_keeper(
    program: str,
    configuration: dict[str, Any],
    end: socket.socket,
    passphrase_fd: int | None,
    user: str | None,
) -> subprocess.Popen[bytes]:
    """The keeper gets its end, the passphrase descriptor where there is one, and nothing else."""
    key_file = configuration.get("key_file")
    unlock = keeper.unlock(Path(key_file) if key_file else None, passphrase_fd)
    inherited = (end.fileno(),) if passphrase_fd is None else (end.fileno(), passphrase_fd)
    kept = {name: os.environ[name] for name in ("QUORATE_FAULT", "QUORATE_DROP_CHECKS") if name in os.environ}
    return subprocess.Popen(
        [program, "shares", "--judge-fd", str(end.fileno()), "--signer", configuration["id"], *unlock],
        pass_fds=inherited,
        env=kept,
        **keeper.as_user(user),
    )
