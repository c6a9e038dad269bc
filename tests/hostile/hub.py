"""A server end of the real link that a test holds in its hands: it relays honestly until it is told
otherwise.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from quorate.core.model.charter import Charter
from quorate.core.proto import link_pb2 as pb
from quorate.core.proto import link_pb2_grpc as pb_grpc
from tests.hostile.book import TallyBook

Relay = Callable[[pb.Envelope], Iterable[pb.Envelope]]
PeerRelay = Callable[[pb.PeerAnswer], Iterable[pb.PeerAnswer]]
End = pb.SessionDone | pb.SessionDead


def as_it_is(envelope: pb.Envelope) -> Iterable[pb.Envelope]:
    """The honest relay."""
    return (envelope,)


def answer_as_it_is(answer: pb.PeerAnswer) -> Iterable[pb.PeerAnswer]:
    return (answer,)


@dataclass
class Attached:
    """One signer's stream, seen from the server."""

    hello: pb.Hello
    outbox: asyncio.Queue[pb.ToSigner]
    pending: dict[int, asyncio.Future[pb.Answer]] = field(default_factory=dict)
    may_vote: asyncio.Event = field(default_factory=asyncio.Event)


class Hub(pb_grpc.LinkServicer):
    """Speaks the link to real signers. `relay` sees every envelope and `relay_answer` every peer's answer;
    they say
    what is delivered in its place. `on_signed` sees every signature that any signer ever reports.
    """

    def __init__(self, charter: Charter) -> None:
        self.charter = charter
        self.relay: Relay = as_it_is
        self.relay_answer: PeerRelay = answer_as_it_is
        self.on_signed: Callable[[str, pb.SessionDone], None] = lambda name, done: None
        self.signers: dict[str, Attached] = {}
        self.ended: dict[tuple[str, bytes], asyncio.Future[End]] = {}
        self.parts: asyncio.Queue[tuple[str, pb.CertificatePart]] = asyncio.Queue()
        self.queries: list[pb.PeerQuery] = []
        self.book = TallyBook()
        self._ids = itertools.count(1)
        self._changed = asyncio.Condition()
        self._server: grpc.aio.Server | None = None

    async def serve(self, server_dir: Path) -> str:
        """Listens with the certificate of `server_dir`; only certificates of the charter may attach. Returns
        host:port.
        """
        roots = "".join(signer.link_certificate for signer in self.charter.signers).encode()
        pair = ((server_dir / "link.key").read_bytes(), (server_dir / "link.crt").read_bytes())
        self._server = grpc.aio.server(options=[("grpc.http2.min_ping_interval_without_data_ms", 5000)])
        pb_grpc.add_LinkServicer_to_server(self, self._server)
        port = self._server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair], roots, True))
        if port == 0:
            raise RuntimeError("cannot listen on 127.0.0.1")
        await self._server.start()
        return f"127.0.0.1:{port}"

    async def close(self) -> None:
        if self._server is not None:
            await self._server.stop(0)

    async def Attach(
        self,
        request_iterator: AsyncIterator[pb.ToServer],
        context: "grpc.aio.ServicerContext[pb.ToServer, pb.ToSigner]",
    ) -> AsyncIterator[pb.ToSigner]:
        hello = (await anext(request_iterator)).hello
        attached = Attached(hello, asyncio.Queue())
        if hello.ready.may_vote:
            attached.may_vote.set()
        others = [name for name in self.signers if name != hello.signer]
        self.signers[hello.signer] = attached
        for other in others:
            self.tell(other, pb.ToSigner(peer_connected=pb.PeerConnected(signer=hello.signer)))
        reader = asyncio.create_task(self._read(hello.signer, attached, request_iterator))
        try:
            yield pb.ToSigner(welcome=pb.Welcome(protocol=1, connected=others, tally_count=0))
            async with self._changed:
                self._changed.notify_all()
            while True:
                yield await attached.outbox.get()
        finally:
            reader.cancel()
            if self.signers.get(hello.signer) is attached:
                del self.signers[hello.signer]
                async with self._changed:
                    self._changed.notify_all()

    async def _read(self, name: str, attached: Attached, messages: AsyncIterator[pb.ToServer]) -> None:
        async for message in messages:
            match message.WhichOneof("message"):
                case "answer":
                    self._answered(name, attached, message.answer)
                case "envelope":
                    for envelope in self.relay(message.envelope):
                        self.tell(envelope.to, pb.ToSigner(envelope=envelope))
                case "peer_query":
                    self.queries.append(message.peer_query)
                    for other in [other for other in self.signers if other != name]:
                        self.tell(other, pb.ToSigner(peer_query=message.peer_query))
                case "peer_answer":
                    for answer in self.relay_answer(message.peer_answer):
                        self.tell(answer.about, pb.ToSigner(peer_answer=answer))
                case "session_done":
                    self.on_signed(name, message.session_done)
                    self._end(name, message.session_done.session_id, message.session_done)
                case "session_dead":
                    self._end(name, message.session_dead.session_id, message.session_dead)
                case "certificate_part":
                    self.parts.put_nowait((name, message.certificate_part))
                case "ready":
                    if message.ready.may_vote:
                        attached.may_vote.set()

    def _answered(self, name: str, attached: Attached, answer: pb.Answer) -> None:
        self.book.learn(name, answer.opened.tally)
        waiting = attached.pending.pop(answer.id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def _end(self, name: str, session: bytes, message: End) -> None:
        waiting = self.end_of(name, session)
        if not waiting.done():
            waiting.set_result(message)

    def end_of(self, name: str, session: bytes) -> "asyncio.Future[End]":
        """Resolves when `name` reports the end of the session."""
        return self.ended.setdefault((name, session), asyncio.get_running_loop().create_future())

    def tell(self, name: str, message: pb.ToSigner) -> None:
        """Puts a message into a signer's stream; nothing happens when it is not attached."""
        if name in self.signers:
            self.signers[name].outbox.put_nowait(message)

    async def ask(self, name: str, request: pb.Request, timeout: float = 30.0) -> pb.Answer:
        """Asks one signer and waits for its answer. Raises TimeoutError, KeyError when it is not attached."""
        attached = self.signers[name]
        asked = pb.Request()
        asked.CopyFrom(request)
        asked.id = next(self._ids)
        waiting = attached.pending[asked.id] = asyncio.get_running_loop().create_future()
        self.tell(name, pb.ToSigner(request=asked))
        return await asyncio.wait_for(waiting, timeout)

    async def attached(self, names: Iterable[str], timeout: float = 60.0) -> None:
        """Waits until every signer of `names` is attached. Raises TimeoutError."""
        wanted = set(names)
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(lambda: wanted <= self.signers.keys())

    async def gone(self, names: Iterable[str], timeout: float = 20.0) -> None:
        """Waits until none of `names` is attached. Raises TimeoutError."""
        absent = set(names)
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(lambda: not absent & self.signers.keys())

    async def all_ready(self, names: Iterable[str], timeout: float = 60.0) -> None:
        """Waits until every signer of `names` is attached and may vote. Raises TimeoutError."""
        wanted = list(names)
        async with asyncio.timeout(timeout):
            await self.attached(wanted, timeout)
            for name in wanted:
                await self.signers[name].may_vote.wait()
