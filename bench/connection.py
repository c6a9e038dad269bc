"""A lean HTTP/1.1 client: one connection, one request at a time. The client's own CPU distorts little."""

import asyncio
import json
from types import TracebackType
from typing import Any, Self


class HttpError(Exception):
    """The server answered with another status than 2xx."""


class Connection:
    """`async with Connection(host, port)`."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    async def get(self, path: str) -> Any:
        """The JSON of the answer. Raises HttpError."""
        return await self.send(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())

    async def send(self, request: bytes) -> Any:
        """Sends a whole request as it stands; the JSON of the answer. Raises HttpError."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        body = await self._reader.readexactly(_length(head))
        if not head.startswith(b"HTTP/1.1 2"):
            raise HttpError(_words(head, body))
        return json.loads(body)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise HttpError("an answer without Content-Length")


def _words(head: bytes, body: bytes) -> str:
    status = head.split(b"\r\n", 1)[0].decode()
    return f"{status}: {body[:500].decode(errors='replace')}"
