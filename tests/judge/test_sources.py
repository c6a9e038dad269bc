"""Questions to sources: what is taken for an answer, over TLS too; and where signer.json may say they are."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from quorate.core.errors import QuorateError
from quorate.judge.config import read_config
from quorate.judge.sources import exchange
from quorate.judge.sources.exchange import Source
from tests.judge.cluster import link_identity


@asynccontextmanager
async def answering(
    answer: bytes, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that says exactly this; its port, and the heads that it was sent."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], heads


HEAD = b"HTTP/1.1 200 OK\r\n"
TAKEN = {
    "with a length": HEAD + b"Content-Length: 7\r\n\r\n" + b'{"a":1}',
    "in chunks": HEAD + b'Transfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n',
    "until the end": HEAD + b'\r\n{"a":1}',
}
NOT_TAKEN = {
    "another status": b'HTTP/1.1 404 Not Found\r\n\r\n{"a":1}',
    "no status": b'{"a":1}',
    "nothing": b"",
    "too short": HEAD + b'Content-Length: 8\r\n\r\n{"a":1}',
    "a chunk too short": HEAD + b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"a":1}\r\n',
    "a head without end": HEAD + b"A: b\r\n" * 200,
    "a long line": HEAD + b"A: " + b"b" * 70_000 + b'\r\n\r\n{"a":1}',
    "a number that is none": HEAD + b'\r\n{"a":NaN}',
    "no UTF-8": HEAD + b'\r\n{"a":"\xff"}',
}


@pytest.mark.parametrize("name", TAKEN)
async def test_an_answer(name: str) -> None:
    async with answering(TAKEN[name]) as (port, heads):
        source = Source("own-node", f"http://127.0.0.1:{port}/key/?token=secret")
        assert await source.post("/wallet/getblock", {"num": 0}) == {"a": 1}
    (head,) = heads
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /key/wallet/getblock?token=secret HTTP/1.1"
    assert f"Host: 127.0.0.1:{port}" in lines
    assert "Content-Length: 9" in lines


@pytest.mark.parametrize("name", NOT_TAKEN)
async def test_no_answer(name: str) -> None:
    async with answering(NOT_TAKEN[name]) as (port, _):
        with pytest.raises(QuorateError) as caught:
            await Source("own-node", f"http://127.0.0.1:{port}/secret").post("", {})
    assert caught.value.code == "source_unreachable"
    assert "secret" not in str(caught.value)
    assert "own-node" in str(caught.value)
    assert len(NOT_TAKEN) == 9


async def test_a_source_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "TIMEOUT_S", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(QuorateError) as caught:
            await Source("own-node", f"http://127.0.0.1:{port}").post("", {})
    assert caught.value.code == "source_unreachable"


async def test_tls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = link_identity("localhost")
    (tmp_path / "key").write_bytes(key)
    (tmp_path / "certificate").write_bytes(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")
    async with answering(TAKEN["with a length"], context) as (port, _):
        with pytest.raises(QuorateError):
            await Source("own-node", f"https://localhost:{port}").post("", {})
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate"))
        assert await Source("own-node", f"https://localhost:{port}").post("", {}) == {"a": 1}
        with pytest.raises(QuorateError):  # the name is another one
            await Source("own-node", f"https://127.0.0.1:{port}").post("", {})


def written(folder: Path, **members: Any) -> Path:
    content = {"id": "signer-1", "server": "127.0.0.1:8443", **members}
    (folder / "signer.json").write_text(json.dumps(content))
    return folder


def test_where_sources_are(tmp_path: Path) -> None:
    assert read_config(written(tmp_path), None).sources == {}
    sources = {"own-node": "http://10.0.0.9:8090", "provider-a": "https://a.example/v2/key?x=y"}
    genesis = {"tron:localnet": "00" * 32}
    config = read_config(written(tmp_path, sources=sources, genesis=genesis), None)
    assert (config.sources, config.genesis) == (sources, genesis)


@pytest.mark.parametrize(
    "members",
    [
        {"sources": []},
        {"sources": {"own-node": 1}},
        {"sources": {"own-node": ""}},
        {"sources": {"Own node": "http://a"}},
        {"sources": {"own-node": "ftp://a"}},
        {"sources": {"own-node": "a.example"}},
        {"sources": {"own-node": "http://"}},
        {"sources": {"own-node": "http://user:password@a"}},
        {"sources": {"own-node": "http://a:99999"}},
        {"sources": {"own-node": "http://a/#b"}},
        {"sources": {"own-node": "http://a/b c"}},
        {"sources": {"own-node": "http://a/\r\nX: y"}},
        {"sources": {"own-node": "http://a/", "provider-a": "http://a"}},
        {"genesis": "00"},
        {"genesis": {"tron:localnet": 0}},
    ],
)
def test_places_that_are_none(tmp_path: Path, members: dict[str, Any]) -> None:
    with pytest.raises(QuorateError) as caught:
        read_config(written(tmp_path, **members), None)
    assert caught.value.code == "config"
