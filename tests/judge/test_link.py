"""The link against a real gRPC server: pinned, mutual, TLS 1.3 only, and dialled again whenever it ends."""

import asyncio
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from quorate.core.proto import link_pb2 as pb
from quorate.judge.link import METHOD, Link, Target
from quorate.judge.tls import forbid_tls_1_2, server_name
from tests.judge.cluster import link_identity


class Server:
    """Welcomes whoever presents a certificate it knows, and keeps what it is told."""

    def __init__(self, identity: tuple[bytes, bytes], clients: bytes) -> None:
        self.received: list[pb.ToServer] = []
        self.push: asyncio.Queue[pb.ToSigner | None] = asyncio.Queue()
        handler = grpc.stream_stream_rpc_method_handler(
            self._attach, pb.ToServer.FromString, pb.ToSigner.SerializeToString
        )
        self._server = grpc.aio.server()
        service, method = METHOD.strip("/").split("/")
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, {method: handler}),)
        )
        credentials = grpc.ssl_server_credentials([identity], clients, require_client_auth=True)
        self.port = self._server.add_secure_port("127.0.0.1:0", credentials)

    async def __aenter__(self) -> "Server":
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(0)

    async def _attach(
        self,
        requests: AsyncIterator[pb.ToServer],
        context: grpc.aio.ServicerContext[pb.ToServer, pb.ToSigner],
    ) -> AsyncIterator[pb.ToSigner]:
        self.received.append(await anext(requests))
        yield pb.ToSigner(welcome=pb.Welcome(protocol=1))

        async def read() -> None:
            async for message in requests:
                self.received.append(message)

        reading = asyncio.create_task(read())
        while (message := await self.push.get()) is not None:
            yield message
        reading.cancel()


class Handler:
    def __init__(self) -> None:
        self.handled: list[str] = []

    def hello(self) -> pb.Hello:
        return pb.Hello(protocol=1, signer="signer-1")

    def attached(self) -> None:
        self.handled.append("attached")

    async def handle(self, message: pb.ToSigner) -> None:
        self.handled.append(message.WhichOneof("message") or "")


def target(port: int, root: str = "server", me: str = "signer-1") -> Target:
    pem = link_identity(root)[1]
    return Target(f"127.0.0.1:{port}", server_name(pem.decode()), pem, *link_identity(me))


async def until(condition: object, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.01)


async def run_link(to: Target, handler: Handler, notes: list[str]) -> tuple[Link, "asyncio.Task[None]"]:
    def journal(event: str, /, **fields: object) -> None:
        notes.append(f"{event} {fields}")

    link = Link(lambda: to, handler, journal)
    return link, asyncio.create_task(link.run())


async def test_it_attaches_relays_both_ways_and_dials_again() -> None:
    handler, notes = Handler(), list[str]()
    async with Server(link_identity("server"), link_identity("signer-1")[1]) as server:
        link, task = await run_link(target(server.port), handler, notes)
        await until(lambda: link.connected)
        assert server.received[0].hello.signer == "signer-1"
        for number in range(50):
            link.send(pb.ToServer(envelope=pb.Envelope(to=str(number))))
            server.push.put_nowait(pb.ToSigner(envelope=pb.Envelope(to=str(number))))
        await until(lambda: len(server.received) == 51 and len(handler.handled) == 52)
        assert [message.envelope.to for message in server.received[1:]] == [str(n) for n in range(50)]
        assert handler.handled[:2] == ["welcome", "attached"]

        server.push.put_nowait(None)  # the server ends the stream
        await until(lambda: len(server.received) == 52)
        await until(lambda: link.connected)
        link.restart()  # as after a new charter
        await until(lambda: len(server.received) == 53)
        task.cancel()


async def test_what_cannot_be_delivered_is_dropped() -> None:
    link, task = await run_link(target(1), Handler(), [])
    link.send(pb.ToServer(envelope=pb.Envelope()))
    assert not link.connected
    task.cancel()


IMPOSTORS = [("signer-2", "server", "signer-1"), ("server", "server", "signer-3")]


@pytest.mark.parametrize(("identity", "pinned", "me"), IMPOSTORS)
async def test_both_sides_must_be_who_the_charter_says(identity: str, pinned: str, me: str) -> None:
    handler, notes = Handler(), list[str]()
    async with Server(link_identity(identity), link_identity("signer-1")[1]) as server:
        link, task = await run_link(target(server.port, pinned, me), handler, notes)
        await until(lambda: any("link_lost" in note for note in notes), 10)
        assert not link.connected
        assert handler.handled == []
        task.cancel()


async def test_an_impostor_with_the_right_name_is_refused() -> None:
    """Same name, another key: only the pinned certificate counts."""
    honest = link_identity("server")
    link_identity.cache_clear()
    impostor = link_identity("server")
    assert impostor[1] != honest[1]
    notes: list[str] = []
    async with Server(impostor, link_identity("signer-1")[1]) as server:
        to = Target(f"127.0.0.1:{server.port}", "server", honest[1], *link_identity("signer-1"))
        link, task = await run_link(to, Handler(), notes)
        await until(lambda: any("link_lost" in note for note in notes), 10)
        assert not link.connected
        task.cancel()


DIAL = """
import asyncio, sys
from quorate.judge.link import Link, Target, grpc
async def main():
    credentials = grpc.ssl_channel_credentials(open(sys.argv[2], "rb").read())
    options = [("grpc.ssl_target_name_override", "server")]
    async with grpc.aio.secure_channel(f"127.0.0.1:{sys.argv[1]}", credentials, options) as channel:
        await asyncio.wait_for(channel.channel_ready(), 2)
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("version", "accepted"), [(ssl.TLSVersion.TLSv1_2, False), (ssl.TLSVersion.TLSv1_3, True)]
)
def test_tls_1_2_cannot_be_negotiated(tmp_path: Path, version: ssl.TLSVersion, accepted: bool) -> None:
    """A peer of one version only; the dialler has its own process, as grpc reads its settings once."""
    for name, content in zip(("key", "crt"), link_identity("server"), strict=True):
        tmp_path.joinpath(name).write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    context.set_alpn_protocols(["h2"])
    outcomes: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(3)

    def serve() -> None:
        try:
            connection, _ = listener.accept()
            with context.wrap_socket(connection, server_side=True) as tls:
                outcomes.append(tls.version() or "none")
                tls.recv(1)
        except OSError as error:
            outcomes.append(str(error))

    thread = threading.Thread(target=serve)
    thread.start()
    command = [sys.executable, "-c", DIAL, str(listener.getsockname()[1]), str(tmp_path / "crt")]
    subprocess.run(command, capture_output=True, timeout=20)
    thread.join()
    listener.close()
    assert outcomes[0] == "TLSv1.3" if accepted else "NO_SHARED_CIPHER" in outcomes[0].upper()


def test_the_setting_is_made_before_grpc_is_loaded() -> None:
    code = (
        "import os, sys, quorate.judge.link\n"
        "assert os.environ['GRPC_SSL_CIPHER_SUITES']\n"
        "print('grpc' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    forbid_tls_1_2()
