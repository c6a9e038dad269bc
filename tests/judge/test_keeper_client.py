"""Nothing is let out before its blobs are on disk; replies keep order; a dead keeper fails everybody."""

import asyncio
import socket
from pathlib import Path

import pytest

from quorate.core.errors import QuorateError, Refused
from quorate.core.proto import keeper_pb2 as pb
from quorate.judge.keeper_client import MAX_FRAME, KeeperClient
from quorate.judge.metrics.measures import Measures
from quorate.judge.store.store import Store, open_store


class Recorder:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.lines: list[str] = []

    def record(self, event: pb.Event) -> None:
        self.lines.append(f"record {event.send.to}")

    def emit(self, event: pb.Event) -> None:
        on_disk = not self.store.db._in_group
        self.lines.append(f"emit {event.send.to} {'durable' if on_disk else 'EARLY'}")


class Wire:
    """The keeper's end of the socket, spoken by hand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.events = Recorder(store)

    async def start(self) -> KeeperClient:
        ours, theirs = socket.socketpair()
        self.reader, self.writer = await asyncio.open_connection(sock=ours)
        reader, writer = await asyncio.open_connection(sock=theirs)
        client = KeeperClient(reader, writer, self.store.db, self.store.blobs, self.events, Measures())
        self.task = asyncio.create_task(client.run())
        return client

    async def request(self) -> pb.ToKeeper:
        length = int.from_bytes(await self.reader.readexactly(4), "big")
        return pb.ToKeeper.FromString(await self.reader.readexactly(length))

    def reply(self, reply: pb.FromKeeper) -> None:
        frame = reply.SerializeToString()
        self.writer.write(len(frame).to_bytes(4, "big") + frame)


@pytest.fixture
def wire(tmp_path: Path) -> Wire:
    return Wire(open_store(tmp_path / "judge.sqlite", "signer-1", lambda error: None))


def ask() -> pb.ToKeeper:
    return pb.ToKeeper(status=pb.Status())


def event(to: str) -> pb.Event:
    return pb.Event(send=pb.Envelope(to=to))


async def test_blobs_then_events_then_the_reply(wire: Wire) -> None:
    client = await wire.start()
    asking = asyncio.create_task(
        client.ask(ask(), record=lambda reply: wire.events.lines.append("record reply"))
    )
    request = await wire.request()
    wire.reply(
        pb.FromKeeper(
            id=request.id, persist=[pb.Blob(name="state", content=b"1")], events=[event("b")], done=pb.Done()
        )
    )
    await asking
    assert wire.events.lines == ["record b", "record reply", "emit b durable"]
    assert wire.store.blobs.all() == {"state": b"1"}


async def test_replies_and_events_keep_their_order(wire: Wire) -> None:
    client = await wire.start()
    asking = [asyncio.create_task(client.ask(ask())) for _ in range(3)]
    requests = [await wire.request() for _ in asking]
    for request, to, blobs in zip(
        requests, "abc", ([pb.Blob(name="state", content=b"1")], [], []), strict=True
    ):
        wire.reply(pb.FromKeeper(id=request.id, persist=blobs, events=[event(to)], done=pb.Done()))
    await asyncio.gather(*asking)
    assert [line for line in wire.events.lines if "emit" in line] == [
        "emit a durable",
        "emit b durable",
        "emit c durable",
    ]


async def test_an_error_keeps_its_blobs_and_events(wire: Wire) -> None:
    """A ban must be on file even though the answer is an error."""
    client = await wire.start()
    asking = asyncio.create_task(client.ask(ask(), record=lambda reply: wire.events.lines.append("NEVER")))
    request = await wire.request()
    error = pb.Error(code="vote_rollback", message="m", whose="peer", culprits=["signer-2"])
    blobs = [pb.Blob(name="state", content=b"banned")]
    wire.reply(pb.FromKeeper(id=request.id, persist=blobs, events=[event("b")], error=error))
    with pytest.raises(QuorateError) as caught:
        await asking
    assert (caught.value.code, caught.value.whose, caught.value.culprits) == (
        "vote_rollback",
        "peer",
        ("signer-2",),
    )
    assert wire.store.blobs.all() == {"state": b"banned"}
    assert wire.events.lines == ["record b", "emit b durable"]


async def test_a_record_that_refuses_keeps_the_blobs(wire: Wire) -> None:
    client = await wire.start()

    def record(_: pb.FromKeeper) -> None:
        wire.store.blobs.put([("seal", b"NEVER")])
        raise Refused("replay", "m", reason_class="replay")

    asking = asyncio.create_task(client.ask(ask(), record=record))
    request = await wire.request()
    wire.reply(pb.FromKeeper(id=request.id, persist=[pb.Blob(name="state", content=b"1")], done=pb.Done()))
    with pytest.raises(QuorateError, match="replay"):
        await asking
    assert wire.store.blobs.all() == {"state": b"1"}


async def test_a_record_that_breaks_keeps_nothing_and_ends_the_judge(wire: Wire) -> None:
    """Keeper and database must not go on with different states."""
    client = await wire.start()

    def record(_: pb.FromKeeper) -> None:
        raise OverflowError

    asking = asyncio.create_task(client.ask(ask(), record=record))
    request = await wire.request()
    blobs = [pb.Blob(name="state", content=b"NEVER")]
    wire.reply(pb.FromKeeper(id=request.id, persist=blobs, events=[event("b")], done=pb.Done()))
    with pytest.raises(QuorateError, match="record_failed"):
        await wire.task
    with pytest.raises(QuorateError, match="record_failed"):
        await asking
    assert wire.store.blobs.all() == {}
    assert wire.events.lines == ["record b"]


async def test_a_dead_keeper_fails_everybody(wire: Wire) -> None:
    client = await wire.start()
    asking = asyncio.create_task(client.ask(ask()))
    await wire.request()
    wire.writer.close()
    with pytest.raises(QuorateError, match="keeper_gone"):
        await wire.task
    with pytest.raises(QuorateError, match="keeper_gone"):
        await asking
    with pytest.raises(QuorateError, match="keeper_gone"):
        await client.ask(ask())


@pytest.mark.parametrize(
    "frame",
    [
        (MAX_FRAME + 1).to_bytes(4, "big"),
        (3).to_bytes(4, "big") + b"\xff\xff\xff",
        len(pb.FromKeeper(id=99).SerializeToString()).to_bytes(4, "big")
        + pb.FromKeeper(id=99).SerializeToString(),
    ],
)
async def test_a_keeper_that_breaks_the_protocol_ends_the_judge(wire: Wire, frame: bytes) -> None:
    client = await wire.start()
    asking = asyncio.create_task(client.ask(ask()))
    await wire.request()
    wire.writer.write(frame)
    with pytest.raises(QuorateError, match="keeper_broken"):
        await wire.task
    with pytest.raises(QuorateError, match="keeper_broken"):
        await asking


async def test_a_message_too_long_is_not_sent(wire: Wire) -> None:
    client = await wire.start()
    with pytest.raises(QuorateError, match="keeper_frame"):
        await client.ask(pb.ToKeeper(envelope=pb.Envelope(ciphertext=bytes(MAX_FRAME + 1))))
