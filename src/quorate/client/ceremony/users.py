"""Checks and steps of a root launcher that starts judge and keeper under different users."""

import contextlib
import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import quorate
from quorate.client.ceremony import keeper
from quorate.core.errors import QuorateError

_CLONE_NEWNET: Final = 0x4000_0000
_INSTALL: Final = "install it where every user may read it, such as /opt/quorate (docs/ops/install.md)"
_MAY_USE: Final = "import os, sys, quorate.judge.main; sys.exit(0 if os.access(sys.argv[1], 7) else 9)"
_MAY_NOT: Final = 9


def check(program: str, folder: Path, judge_user: str, keeper_user: str) -> None:
    """Whether a start under these users can work and keeps them apart; said now, not by a bare EACCES later.

    Raises QuorateError users, no_such_user, not_root, keeper_writable, keeper_program, judge_program,
    judge_directory.
    """
    judge, shares = keeper.account(judge_user), keeper.account(keeper_user)
    if judge.pw_uid == shares.pw_uid:
        raise QuorateError("users", f"{judge_user} and {keeper_user} are two names of one user")
    if 0 in (judge.pw_uid, shares.pw_uid):
        raise QuorateError("users", "neither judge nor keeper runs as root")
    for file in (program, sys.executable, quorate.__path__[0]):
        keeper.must_not_be_writable(file, judge_user)
    _run(keeper_user, "keeper_program", [program, "--version"])
    if _run(judge_user, "judge_program", [sys.executable, "-c", _MAY_USE, str(folder)]) == _MAY_NOT:
        raise QuorateError(
            "judge_directory",
            f"{judge_user} may not read and write {folder}",
            "state",
            "it and what leads to it must be open to that user, as `signer init --judge-user` leaves it",
        )


def _run(user: str, code: str, command: Sequence[str]) -> int:
    """The exit code of a trial run. Raises QuorateError `code` when the program does not start as `user`."""
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **keeper.as_user(user),
        )
    except OSError as error:
        raise _cannot(user, code, command[0], error.strerror or str(error)) from None
    if done.returncode not in (0, _MAY_NOT):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise _cannot(user, code, command[0], last[0] if last else f"exit code {done.returncode}")
    return done.returncode


def _cannot(user: str, code: str, program: str, why: str) -> QuorateError:
    return QuorateError(code, f"{user} cannot run {program}: {why}", "state", _INSTALL)


@contextlib.contextmanager
def without_network() -> Iterator[None]:
    """What is started within has a network namespace of its own, with nothing in it.

    Where this process may not do that, nothing happens: the keeper reports what it found.

    Raises QuorateError network_namespace when this process cannot go back to its own.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        left = libc.unshare(_CLONE_NEWNET) == 0
        try:
            yield
        finally:
            if left and libc.setns(home, _CLONE_NEWNET) != 0:
                why = os.strerror(ctypes.get_errno())
                raise QuorateError("network_namespace", f"cannot return to the host's network: {why}", "bug")
    finally:
        os.close(home)
