"""One question to a source over HTTP: bounded in time and size, whatever the source does.

A connection for each question, closed by the source after its answer. Redirects are not followed and no proxy
is used. Over TLS the source's name is verified against the system's authorities.
"""

import asyncio
import ssl
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from typing import Any, Final, cast
from urllib.parse import SplitResult, urlsplit

from quorate.core.errors import QuorateError
from quorate.core.evidence import json_strict
from quorate.core.model import canonical

TIMEOUT_S: Final = 5.0
"""For the whole exchange: a source that sends a byte now and then does not prolong it."""
LARGEST_ANSWER: Final = 1 << 20
"""Bytes, head included."""


@dataclass(frozen=True)
class Source:
    """`label` as the charter names it. The URL may hold the key of an account with a provider: it is never
    shown.
    """

    label: str
    url: str

    async def post(self, path: str, question: dict[str, Any]) -> object:
        """The answer to a question in JSON. Raises QuorateError source_unreachable (transport)."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                received = await self._exchange(path, canonical.encode(question))
            return json_strict.loads(_body(received), limit=LARGEST_ANSWER)
        except (OSError, HTTPException, ValueError) as failure:
            why = type(failure).__name__
        raise QuorateError(
            "source_unreachable", f"{self.label}: {path}: {why}", "transport", "check sources in signer.json"
        )

    async def _exchange(self, path: str, body: bytes) -> bytes:
        url, tls = self._parts, ssl.create_default_context() if self._parts.scheme == "https" else None
        port = url.port or (443 if tls else 80)
        reader, writer = await asyncio.open_connection(url.hostname, port, ssl=tls)
        try:
            writer.write(self._head(path, len(body)) + body)
            await writer.drain()
            return await _all(reader)
        finally:
            writer.transport.abort()

    def _head(self, path: str, length: int) -> bytes:
        url = self._parts
        target = url.path.rstrip("/") + path + (f"?{url.query}" if url.query else "")
        lines = (
            f"POST {target or '/'} HTTP/1.1",
            f"Host: {url.netloc}",
            "Content-Type: application/json",
            "Accept: application/json",
            f"Content-Length: {length}",
            "Connection: close",
        )
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")

    @cached_property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url)


async def _all(reader: asyncio.StreamReader) -> bytes:
    received = bytearray()
    while part := await reader.read(1 << 16):
        received += part
        if len(received) > LARGEST_ANSWER:
            raise ValueError("too long")
    return bytes(received)


def _body(received: bytes) -> bytes:
    """Of an answer that came whole. Raises HTTPException, ValueError."""
    response = HTTPResponse(cast(Any, _Received(received)))
    response.begin()
    if response.status != 200:
        raise ValueError(f"HTTP {response.status}")
    return response.read()


class _Received:
    """What the parser of the standard library takes for a socket."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, mode: str) -> BytesIO:
        return BytesIO(self._received)
