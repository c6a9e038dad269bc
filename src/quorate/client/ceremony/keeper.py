"""Starting the Rust program: where it is, as which user, with which descriptors."""

import contextlib
import grp
import os
import pwd
import resource
import shutil
import sys
from pathlib import Path
from typing import Final, TypedDict

from quorate.core.errors import QuorateError

_LOCKED: Final = 256 << 20
"""Bytes of locked memory: the keeper's own, and 64 MiB of Argon2id at the start."""


class AsUser(TypedDict, total=False):
    """Arguments of subprocess that drop to one user and its primary group."""

    user: int
    group: int
    extra_groups: list[int]
    cwd: str


def program() -> str:
    """The keeper beside this Python, or else on PATH.

    Raises QuorateError keeper_missing.
    """
    beside = Path(sys.executable).parent / "quorate-keeper"
    found = str(beside) if beside.exists() else shutil.which("quorate-keeper")
    if found is None:
        raise QuorateError(
            "keeper_missing",
            "the program quorate-keeper is not installed",
            "state",
            "run `make setup`, or install its wheel",
        )
    return found


def unlock(key_file: Path | None, passphrase_fd: int | None) -> list[str]:
    """The keeper's options that say where it reads what unlocks it; none of them: the terminal."""
    if key_file is not None:
        return ["--key-file", str(key_file)]
    return [] if passphrase_fd is None else ["--passphrase-fd", str(passphrase_fd)]


def account(user: str) -> pwd.struct_passwd:
    """Raises QuorateError no_such_user, not_root."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise QuorateError(
            "no_such_user", f"there is no user {user}", "caller", f"useradd --system {user}"
        ) from None
    if os.geteuid() != 0 and entry.pw_uid != os.geteuid():
        raise QuorateError(
            "not_root",
            f"only root can start a program as {user}",
            "caller",
            "run as root, or without the option",
        )
    return entry


def as_user(user: str | None) -> AsUser:
    """Arguments of subprocess.run or Popen for `user`; nothing for the present user."""
    if user is None:
        return {}
    entry = account(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}


def become(user: str) -> None:
    """Drops this process to `user` for good."""
    entry = account(user)
    os.setgroups([])
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)


def give(folder: Path, user: str) -> None:
    """Makes `user` the owner of everything in `folder`."""
    entry = account(user)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)


def allow_locked_memory() -> None:
    """Raises the limit that the keeper inherits, where this process may. The keeper reports what it got."""
    _, most = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if most != resource.RLIM_INFINITY and most < _LOCKED:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (_LOCKED, _LOCKED))


def must_not_be_writable(file: str, user: str) -> None:
    """The judge must not be able to replace the program that holds the shares.

    Raises QuorateError keeper_writable.
    """
    entry = account(user)
    path = Path(file).resolve()
    for place in (path, *path.parents):
        status = place.stat()
        group_writes = status.st_mode & 0o020 and entry.pw_name in (*grp.getgrgid(status.st_gid).gr_mem,)
        group_writes = group_writes or (status.st_mode & 0o020 and status.st_gid == entry.pw_gid)
        sticky = status.st_mode & 0o1000
        if status.st_uid == entry.pw_uid or group_writes or (status.st_mode & 0o002 and not sticky):
            raise QuorateError(
                "keeper_writable",
                f"{entry.pw_name} can write {place}",
                "state",
                "the judge's user must not own or write the keeper's program",
            )
