"""Who the keeper is comes from the kernel; what a production charter asks for is held against that."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from quorate.core.errors import QuorateError
from quorate.core.proto import keeper_pb2 as pb
from quorate.judge import isolation
from quorate.judge.isolation import PRIVILEGED_JUDGE, SAME_USER, SEPARATE_USERS, Peer
from tests.judge.bench import Bench

JUDGE, KEEPER = 70_100, 70_101
"""User ids that exist in no passwd."""


@contextmanager
def keeper(answer: bytes, uid: int | None = None) -> Iterator[tuple[socket.socket, int]]:
    """The judge's end, and the process (of user `uid`) that answers once at the other."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        if uid is not None:
            os.setresuid(uid, uid, uid)
        theirs.recv(4096)
        theirs.sendall(answer)
        os._exit(0)
    theirs.close()
    try:
        yield ours, pid
    finally:
        ours.close()
        os.waitpid(pid, 0)


def frame(reply: pb.FromKeeper) -> bytes:
    content = reply.SerializeToString()
    return len(content).to_bytes(4, "big") + content


SEALED = frame(pb.FromKeeper(error=pb.Error(code="not_loaded", message="load first", whose="state")))


def test_the_kernel_names_who_answers() -> None:
    with keeper(SEALED) as (connection, pid):
        assert isolation.ask_who(connection) == Peer(pid, os.getuid())


def test_another_user_is_seen_as_such() -> None:
    if os.geteuid() != 0:
        pytest.skip("os-users: not root")
    with keeper(SEALED, KEEPER) as (connection, pid):
        assert isolation.ask_who(connection) == Peer(pid, KEEPER)


@pytest.mark.parametrize(
    ("answer", "code"),
    [(b"", "keeper_gone"), (b"\0\0", "keeper_broken"), (b"\0\0\0\x09short", "keeper_broken")],
)
def test_what_does_not_answer_is_no_keeper(answer: bytes, code: str) -> None:
    with keeper(answer) as (connection, _), pytest.raises(QuorateError) as error:
        isolation.ask_who(connection)
    assert error.value.code == code


def as_user(uid: int, keeper_uid: int) -> str:
    """What a judge of user `uid` makes of a keeper of user `keeper_uid`."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setresuid(uid, uid, uid)
        os.write(write, isolation.of(Peer(1, keeper_uid)).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    with os.fdopen(read) as answer:
        return answer.read()


def test_how_they_are_kept_apart() -> None:
    if os.geteuid() != 0:
        pytest.skip("os-users: not root")
    assert as_user(JUDGE, JUDGE) == SAME_USER
    assert as_user(JUDGE, KEEPER) == SEPARATE_USERS
    assert as_user(0, 0) == SAME_USER
    assert as_user(0, KEEPER) == PRIVILEGED_JUDGE, "root can become any user"


@pytest.mark.parametrize("found", [SAME_USER, PRIVILEGED_JUDGE, ""])
def test_a_production_charter_asks_for_two_users(bench: Bench, found: str) -> None:
    isolation.require(found, None)
    isolation.require(found, bench.cluster.charter)
    charter = replace(bench.cluster.charter, mode="production")
    isolation.require(SEPARATE_USERS, charter)
    with pytest.raises(QuorateError) as error:
        isolation.require(found, charter)
    assert (error.value.code, error.value.whose) == ("isolation", "caller")
    assert "--judge-user" in error.value.hint
