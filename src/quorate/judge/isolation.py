"""How judge and keeper are kept apart, as the kernel tells it and not as a launcher says.

The keeper's end of the socket pair is asked one harmless question before anything else. With the first bytes
of its answer the kernel hands over process and user id of who wrote them (SCM_CREDENTIALS, unix(7)).
"""

import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter
from quorate.core.proto import keeper_pb2 as pb

SEPARATE_USERS: Final = "separate-users"
SAME_USER: Final = "same-user"
PRIVILEGED_JUDGE: Final = "privileged-judge"
"""The judge's user is not the keeper's, but it could become it, or read what is its."""

_CREDENTIALS: Final = struct.Struct("3i")
"""struct ucred: process, user and group id."""
_HEADER: Final = 4
_LONGEST: Final = 4096
"""Bytes of the answer; a keeper that is not loaded yet answers with a short error."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who writes at the other end. `pid` is 0 where our process namespace does not show it."""

    pid: int
    uid: int


def ask_who(connection: socket.socket) -> Peer:
    """Blocks until the keeper answers: until its passphrase was entered.

    Raises QuorateError keeper_gone, keeper_broken.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    question = pb.ToKeeper(status=pb.Status()).SerializeToString()
    try:
        connection.sendall(len(question).to_bytes(_HEADER, "big") + question)
        header, ancillary, _, _ = connection.recvmsg(
            _HEADER, socket.CMSG_SPACE(_CREDENTIALS.size), socket.MSG_WAITALL
        )
        length = int.from_bytes(header, "big")
        answer = connection.recv(min(length, _LONGEST), socket.MSG_WAITALL)
    except ConnectionError:
        header, answer, length, ancillary = b"", b"", 0, []
    if not header:
        raise QuorateError(
            "keeper_gone", "the keeper ended before it answered", "state", "its own message stands above"
        )
    credentials = [data for _, kind, data in ancillary if kind == socket.SCM_CREDENTIALS]
    if len(header) != _HEADER or len(answer) != length or len(credentials) != 1:
        raise QuorateError("keeper_broken", "what answered first is not a keeper", "bug", "report this")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
    pid, uid, _ = _CREDENTIALS.unpack(credentials[0])
    return Peer(pid, uid)


def of(peer: Peer) -> str:
    """How this process is kept apart from `peer`."""
    own = set(os.getresuid())
    if peer.uid in own:
        return SAME_USER
    return PRIVILEGED_JUDGE if 0 in own or _capabilities() else SEPARATE_USERS


def require(isolation: str, charter: Charter | None) -> None:
    """A production charter asks for two users. Raises QuorateError isolation."""
    if charter is None or charter.mode != "production" or isolation == SEPARATE_USERS:
        return
    found = "share one user" if isolation == SAME_USER else f"are not kept apart ({isolation})"
    raise QuorateError(
        "isolation",
        f"judge and keeper {found}; a production charter needs two users",
        "caller",
        "as root: quorate signer run --judge-user USER --keeper-user ANOTHER",
    )


def _capabilities() -> int:
    """The permitted ones: what this process has or can give itself."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["CapPrm"], 16)
