"""GET /metrics over HTTP/1.1, on a loopback port or a Unix socket that signer.json names; closed unless it
does. It reads nothing but the request line, and whatever goes wrong here the signer goes on.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from quorate.core.errors import QuorateError
from quorate.judge.journal import Journal
from quorate.judge.metrics.text import CONTENT_TYPE

MAX_HEAD: Final = 8 << 10
MAX_CLIENTS: Final = 8
WITHIN: Final = 5.0
"""Seconds for one client, from its connection to the end of the answer."""
AGAIN: Final = 30.0
"""Seconds before a place that cannot be had is tried again."""


@dataclass(frozen=True, slots=True)
class Place:
    """A loopback address and port, or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: Path | None = None


def read_place(text: str) -> Place:
    """`127.0.0.1:9464`, `[::1]:9464` or an absolute path. Raises ValueError."""
    if text.startswith("/"):
        return Place(path=Path(text))
    host, _, port = text.rpartition(":")
    address = ip_address(host.removeprefix("[").removesuffix("]"))
    if not address.is_loopback:
        raise ValueError("metrics are served on a loopback address or a Unix socket only")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError("metrics: a port from 1 to 65535 is expected")
    return Place(str(address), int(port))


class MetricsDoor:
    """`text` makes the answer."""

    def __init__(self, place: Place, text: Callable[[], bytes], journal: Journal) -> None:
        self._place = place
        self._text = text
        self._journal = journal
        self._clients = 0

    async def serve(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with await self._listen() as server:
                    await server.serve_forever()
            except OSError as error:
                self._journal("metrics_unserved", detail=str(error)[:200])
                await asyncio.sleep(AGAIN)
            finally:
                if self._place.path is not None:
                    _remove_socket(self._place.path)

    async def _listen(self) -> asyncio.Server:
        path = self._place.path
        if path is None:
            return await asyncio.start_server(
                self._client, self._place.host, self._place.port, limit=MAX_HEAD
            )
        _remove_socket(path)
        server = await asyncio.start_unix_server(self._client, path, limit=MAX_HEAD)
        path.chmod(0o666)  # who may reach it, its folder says
        return server

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        try:
            if self._clients <= MAX_CLIENTS:
                async with asyncio.timeout(WITHIN):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._answer(head.partition(b"\r\n")[0]))
                    await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            self._clients -= 1
            writer.close()

    def _answer(self, line: bytes) -> bytes:
        method, _, rest = line.partition(b" ")
        target, _, version = rest.partition(b" ")
        if not version.startswith(b"HTTP/1."):
            return _response(HTTPStatus.BAD_REQUEST)
        if target.partition(b"?")[0] != b"/metrics":
            return _response(HTTPStatus.NOT_FOUND)
        if method != b"GET":
            return _response(HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            return _response(HTTPStatus.OK, self._text())
        except Exception as error:
            self._journal("bug", where="metrics", detail=repr(error)[:500])
            return _response(HTTPStatus.INTERNAL_SERVER_ERROR)


def _response(status: HTTPStatus, body: bytes = b"") -> bytes:
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Type: {CONTENT_TYPE}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def _remove_socket(path: Path) -> None:
    """One that an earlier run left; nothing else."""
    if path.is_socket():
        os.unlink(path)


def place_of(text: object, where: str) -> Place | None:
    """None for None: not served. Raises QuorateError config."""
    if text is None:
        return None
    try:
        return read_place(text if isinstance(text, str) else "")
    except ValueError as error:
        raise QuorateError(
            "config", f"{where}: metrics: {error}", "caller", "127.0.0.1:PORT, [::1]:PORT or an absolute path"
        ) from None
