"""The one connection to the server: dialled out, mutual TLS, one stream, reconnected for as long as the judge
runs.

The server is assumed hostile. What it sends is dispatched message by message; how much may be under way at
once is bounded.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from quorate.judge.tls import forbid_tls_1_2

forbid_tls_1_2()  # before grpc reads its environment

import grpc  # noqa: E402
from google.protobuf.message import DecodeError  # noqa: E402

from quorate.core.errors import QuorateError  # noqa: E402
from quorate.core.proto import link_pb2 as pb  # noqa: E402
from quorate.judge.journal import Journal  # noqa: E402

METHOD: Final = "/quorate.link.v1.Link/Attach"
MAX_MESSAGE: Final = 16 << 20
MAX_QUEUED: Final = 20_000
"""Outgoing messages that wait for a slow server; beyond, the stream is given up."""
BACKOFF_FIRST: Final = 0.1
BACKOFF_MOST: Final = 3.0
"""Seconds between attempts, doubled each time, each shortened at random by up to half so that signers do not
come in step.
"""

_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    (
        "grpc.use_local_subchannel_pool",
        1,
    ),  # each attempt starts fresh, with our backoff and not the channel's
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.enable_retries", 0),
)


Call: TypeAlias = "grpc.aio.StreamStreamCall[pb.ToServer, pb.ToSigner]"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the server is and how it proves itself. `name` is what its certificate says, `root` that
    certificate (PEM).
    """

    address: str
    name: str
    root: bytes
    key: bytes
    certificate: bytes


class Handler(Protocol):
    """The side of the judge that the server talks to."""

    def hello(self) -> pb.Hello: ...

    def attached(self) -> None: ...

    async def handle(self, message: pb.ToSigner) -> None: ...


class Link:
    """`send` never blocks and drops what cannot be delivered: every request can be repeated, every session be
    run again.
    """

    def __init__(
        self, target: Callable[[], Target | None], handler: Handler, journal: Journal, max_tasks: int = 1024
    ) -> None:
        self._target = target
        self._handler = handler
        self._journal = journal
        self._max_tasks = max_tasks
        self._outgoing: asyncio.Queue[pb.ToServer] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._restart = asyncio.Event()

    @property
    def connected(self) -> bool:
        return self._outgoing is not None

    def send(self, message: pb.ToServer) -> None:
        if self._outgoing is None:
            return
        if self._outgoing.qsize() >= MAX_QUEUED:
            self._journal("link_stalled", queued=MAX_QUEUED)
            self.restart()
            return
        self._outgoing.put_nowait(message)

    def restart(self) -> None:
        """Dials again: after a new charter, or when the server does not read."""
        self._restart.set()

    async def run(self) -> None:
        backoff = BACKOFF_FIRST
        while True:
            self._restart.clear()
            target = self._target()
            if target is None:
                await self._restart.wait()
                continue
            if await self._attach(target):
                backoff = BACKOFF_FIRST
            await self._pause(backoff * random.uniform(0.5, 1))  # noqa: S311  # not for a secret
            backoff = min(2 * backoff, BACKOFF_MOST)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._restart.wait()
        except TimeoutError:
            pass

    async def _attach(self, target: Target) -> bool:
        """One connection, to its end. True when the server welcomed us."""
        credentials = grpc.ssl_channel_credentials(target.root, target.key, target.certificate)
        options = (*_OPTIONS, ("grpc.ssl_target_name_override", target.name))
        welcomed = False
        async with grpc.aio.secure_channel(target.address, credentials, options=options) as channel:
            call: Call = channel.stream_stream(
                METHOD, request_serializer=_encode, response_deserializer=_decode
            )()
            try:
                await call.write(pb.ToServer(hello=self._handler.hello()))
                first = await call.read()
                if not isinstance(first, pb.ToSigner) or not first.HasField("welcome"):
                    self._journal("link_refused", server=target.address, detail="no welcome")
                    return False
                welcomed = True
                self._journal("link_attached", server=target.address)
                async with self._open_queue(call):
                    await self._handler.handle(first)
                    self._handler.attached()
                    await self._read_all(call)
            except grpc.aio.AioRpcError as error:
                lost = explain(error, target.address)
                self._journal(
                    "link_lost",
                    server=target.address,
                    code=lost.code,
                    detail=lost.message[:300],
                    whose=lost.whose,
                    hint=lost.hint,
                )
            except (grpc.aio.UsageError, asyncio.InvalidStateError, DecodeError) as error:
                self._journal("link_lost", server=target.address, detail=type(error).__name__)
            finally:
                call.cancel()
        return welcomed

    @asynccontextmanager
    async def _open_queue(self, call: Call) -> AsyncIterator[None]:
        queue: asyncio.Queue[pb.ToServer] = asyncio.Queue()
        self._outgoing = queue
        writer = asyncio.create_task(_write_all(queue, call), name="link-write")
        stopper = asyncio.create_task(self._stop_on_restart(call), name="link-restart")
        try:
            yield
        finally:
            self._outgoing = None
            writer.cancel()
            stopper.cancel()
            await asyncio.gather(writer, stopper, return_exceptions=True)

    async def _stop_on_restart(self, call: Call) -> None:
        await self._restart.wait()
        call.cancel()

    async def _read_all(self, call: Call) -> None:
        while True:
            try:
                message = await call.read()
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task and task.cancelling():
                    raise
                return  # not we, the call was cancelled: by the writer or for a restart
            if not isinstance(message, pb.ToSigner):
                return
            task = asyncio.create_task(self._handler.handle(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            while len(self._tasks) >= self._max_tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)


async def _write_all(queue: "asyncio.Queue[pb.ToServer]", call: Call) -> None:
    try:
        while True:
            await call.write(await queue.get())
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        call.cancel()  # the reader learns why


def explain(error: grpc.aio.AioRpcError, server: str) -> QuorateError:
    """What ended a connection, in words for the operator. A refusal keeps the code that the server gave."""
    details = error.details() or error.code().name
    if error.code() is grpc.StatusCode.PERMISSION_DENIED:
        code, _, message = details.partition(": ")
        return QuorateError(
            code,
            f"the server refuses this signer: {message}",
            "peer",
            "compare its charter with the server's",
        )
    if "CERTIFICATE_VERIFY_FAILED" in details:
        return QuorateError(
            "server_identity",
            f"what answers at {server} does not hold the server certificate of the charter",
            "peer",
            "is this the server of this cluster? Compare its link fingerprint with `quorate charter show`",
        )
    hint = "is it running, and does its charter name this signer's link certificate?"
    return QuorateError("server_unreachable", f"{error.code().name}: {details}", "transport", hint)


def _encode(message: pb.ToServer) -> bytes:
    return message.SerializeToString()


def _decode(data: bytes) -> pb.ToSigner:
    return pb.ToSigner.FromString(data)
