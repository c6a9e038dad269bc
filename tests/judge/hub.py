"""An honest end of the link for tests: it relays, and asks what the test wants asked."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import grpc

from quorate.core.proto import link_pb2 as pb
from quorate.judge.link import METHOD

Stream = AsyncIterator[pb.ToServer]


@dataclass
class Attached:
    hello: pb.Hello
    outbox: "asyncio.Queue[pb.ToSigner]" = field(default_factory=asyncio.Queue)
    pending: "dict[int, asyncio.Future[pb.Answer]]" = field(default_factory=dict)
    may_vote: bool = False


class Hub:
    def __init__(self) -> None:
        self.signers: dict[str, Attached] = {}
        self.parts: asyncio.Queue[tuple[str, pb.CertificatePart]] = asyncio.Queue()
        self.entries: list[pb.Signed] = []
        self._ends: dict[tuple[str, bytes], asyncio.Future[pb.ToServer]] = {}
        self._ids = itertools.count(1)

    async def serve(self, identity: tuple[bytes, bytes], clients: bytes) -> str:
        """Listens on a free port and returns host:port."""
        handler = grpc.stream_stream_rpc_method_handler(
            self._attach, pb.ToServer.FromString, pb.ToSigner.SerializeToString
        )
        service, method = METHOD.strip("/").split("/")
        options = [("grpc.http2.min_ping_interval_without_data_ms", 5000)]
        self._server = grpc.aio.server(options=options)
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, {method: handler}),)
        )
        credentials = grpc.ssl_server_credentials([identity], clients, require_client_auth=True)
        port = self._server.add_secure_port("127.0.0.1:0", credentials)
        await self._server.start()
        return f"127.0.0.1:{port}"

    async def close(self) -> None:
        await self._server.stop(0)

    def tell(self, id: str, message: pb.ToSigner) -> None:
        if id in self.signers:
            self.signers[id].outbox.put_nowait(message)

    async def ask(self, id: str, **request: object) -> pb.Answer:
        attached = self.signers.get(id)
        if attached is None:
            raise ConnectionError(f"{id} is not attached")
        number = next(self._ids)
        waiting = attached.pending[number] = asyncio.get_running_loop().create_future()
        self.tell(id, pb.ToSigner(request=pb.Request(id=number, **request)))  # type: ignore[arg-type]
        answer = await asyncio.wait_for(waiting, 20)
        self.entries.extend(answer.opened.tally)
        return answer

    async def end(self, id: str, session_id: bytes) -> pb.ToServer:
        """SessionDone or SessionDead of a session at one signer."""
        return await asyncio.wait_for(self._end(id, session_id), 20)

    async def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)

    async def ready(self, *ids: str) -> None:
        """Until these are attached and may vote."""
        await self.until(lambda: all(id in self.signers and self.signers[id].may_vote for id in ids))

    async def _attach(
        self, messages: Stream, context: "grpc.aio.ServicerContext[pb.ToServer, pb.ToSigner]"
    ) -> AsyncIterator[pb.ToSigner]:
        hello = (await anext(messages)).hello
        attached = Attached(hello, may_vote=hello.ready.may_vote)
        others = list(self.signers)
        self.signers[hello.signer] = attached
        for other in others:
            self.tell(other, pb.ToSigner(peer_connected=pb.PeerConnected(signer=hello.signer)))
        reading = asyncio.create_task(self._read(hello.signer, attached, messages))
        try:
            yield pb.ToSigner(welcome=pb.Welcome(protocol=1, connected=others))
            while True:
                yield await attached.outbox.get()
        finally:
            reading.cancel()
            ends = (end for (id, _), end in self._ends.items() if id == hello.signer)
            for waiting in (*attached.pending.values(), *ends):
                if not waiting.done():
                    waiting.set_exception(ConnectionError(f"{hello.signer} is gone"))
            if self.signers.get(hello.signer) is attached:
                del self.signers[hello.signer]

    async def _read(self, id: str, attached: Attached, messages: Stream) -> None:
        async for message in messages:
            match message.WhichOneof("message"):
                case "answer":
                    attached.pending.pop(message.answer.id).set_result(message.answer)
                case "envelope":
                    self.tell(message.envelope.to, pb.ToSigner(envelope=message.envelope))
                case "peer_query":
                    for other in set(self.signers) - {id}:
                        self.tell(other, pb.ToSigner(peer_query=message.peer_query))
                case "peer_answer":
                    self.tell(message.peer_answer.about, pb.ToSigner(peer_answer=message.peer_answer))
                case "session_done":
                    self._end(id, message.session_done.session_id).set_result(message)
                case "session_dead":
                    self._end(id, message.session_dead.session_id).set_result(message)
                case "certificate_part":
                    self.parts.put_nowait((id, message.certificate_part))
                case "ready":
                    attached.may_vote = message.ready.may_vote

    def _end(self, id: str, session_id: bytes) -> "asyncio.Future[pb.ToServer]":
        key = (id, session_id)
        return self._ends.setdefault(key, asyncio.get_running_loop().create_future())
