"""The link: who is let in, what is relayed, what is told."""

import asyncio
from dataclasses import replace
from typing import Any

import grpc
import pytest

from quorate.core.model import labels
from quorate.core.model.records import Signed, TallyEntry
from quorate.core.model.tally import NO_HEAD
from quorate.core.proto import link_pb2 as pb
from tests.judge.cluster import SIGNERS, link_identity, raw_eddsa
from tests.server.running import Running
from tests.server.signers import WillingSigner


class SaysSomethingElse(WillingSigner):
    """Its Hello differs from the truth in one member."""

    changes: dict[str, Any] = {}  # noqa: RUF012

    def hello(self) -> pb.Hello:
        hello = super().hello()
        for name, value in self.changes.items():
            setattr(hello, name, value)
        return hello


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"protocol": 2}, "link_protocol"),
        ({"cluster": "0" * 32}, "link_cluster"),
        ({"signer": "signer-9"}, "link_signer"),
        ({"signer": "signer-2"}, "link_certificate"),
    ],
)
async def test_a_wrong_hello_is_refused_by_name(server: Running, changes: dict[str, Any], code: str) -> None:
    signer = SaysSomethingElse(server.cluster, "signer-1")
    signer.changes = changes
    with pytest.raises(grpc.aio.AioRpcError, match=code):
        await signer.attach(server.link)
    assert server.server.hub.attached() == ()


async def test_a_stranger_ends_in_the_handshake(server: Running) -> None:
    stranger = WillingSigner(server.cluster, "signer-1")
    stranger.identity = link_identity("stranger")
    with pytest.raises((grpc.aio.AioRpcError, grpc.aio.UsageError)):
        await stranger.attach(server.link)
    assert server.server.hub.attached() == ()


async def test_a_stream_begins_with_hello(server: Running) -> None:
    class Impolite(WillingSigner):
        def hello(self) -> pb.Hello:
            return pb.Hello()

    with pytest.raises(grpc.aio.AioRpcError, match="link_protocol"):
        await Impolite(server.cluster, "signer-1").attach(server.link)


async def test_others_are_told_who_came(willing: Running) -> None:
    welcomes = [signer.received[0].welcome for signer in willing.signers.values()]
    assert [list(welcome.connected) for welcome in welcomes] == [[], ["signer-1"], ["signer-1", "signer-2"]]
    told = [
        m.peer_connected.signer for m in willing.signers["signer-1"].received if m.HasField("peer_connected")
    ]
    assert told == ["signer-2", "signer-3"]


async def test_envelopes_keep_their_order_and_their_sender(willing: Running) -> None:
    one, two = willing.signers["signer-1"], willing.signers["signer-2"]
    for number in range(100):
        envelope = pb.Envelope(to="signer-2", ciphertext=bytes([number]))
        setattr(envelope, "from", "signer-1")
        await one.send(pb.ToServer(envelope=envelope))
    forged = pb.Envelope(to="signer-2", ciphertext=b"forged")
    setattr(forged, "from", "signer-3")
    await one.send(pb.ToServer(envelope=forged))
    await one.send(pb.ToServer(envelope=pb.Envelope(to="nobody", ciphertext=b"x")))
    await asyncio.sleep(0.2)
    got = [message.envelope.ciphertext for message in two.received if message.HasField("envelope")]
    assert got == [bytes([number]) for number in range(100)]


async def test_peer_queries_go_to_all_others_and_answers_to_the_asker(willing: Running) -> None:
    one, two, three = (willing.signers[id] for id in SIGNERS)
    query = pb.PeerQuery(nonce=bytes(32), incarnation=2)
    setattr(query, "from", "signer-1")
    await one.send(pb.ToServer(peer_query=query))
    answer = pb.PeerAnswer(about="signer-1", state=pb.Signed(body=b"state"))
    setattr(answer, "from", "signer-2")
    await two.send(pb.ToServer(peer_answer=answer))
    await asyncio.sleep(0.2)
    assert [sum(m.HasField("peer_query") for m in s.received) for s in (one, two, three)] == [0, 1, 1]
    assert [sum(m.HasField("peer_answer") for m in s.received) for s in (one, two, three)] == [1, 0, 0]


async def test_a_second_stream_takes_the_place_of_the_first(willing: Running) -> None:
    again = WillingSigner(willing.cluster, "signer-1")
    await again.attach(willing.link)
    assert len(willing.server.hub.attached()) == 3
    willing.signers["signer-1"] = again
    assert (await willing.finished(await willing.submit(raw_eddsa())))["status"] == "COMPLETED"


async def test_only_the_ready_are_asked_to_vote(server: Running) -> None:
    class NotReady(WillingSigner):
        def hello(self) -> pb.Hello:
            hello = super().hello()
            hello.ready.CopyFrom(pb.Ready(may_vote=False, needed=2, refusal="start_rule"))
            return hello

    await server.attach(NotReady, ["signer-1"])
    await server.attach(ids=SIGNERS[1:])
    assert (await server.http.get(server.url + "/readyz")).status_code == 200
    await server.finished(await server.submit(raw_eddsa()))
    sleeper = server.signers["signer-1"]
    assert sleeper.opened == []
    assert "admit" in sleeper.asked
    await server.signers["signer-3"].detach()
    await asyncio.sleep(0.1)
    assert (await server.http.get(server.url + "/readyz")).status_code == 503
    await sleeper.send(pb.ToServer(ready=pb.Ready(may_vote=True, needed=2)))
    await asyncio.sleep(0.1)
    assert (await server.http.get(server.url + "/readyz")).status_code == 200


async def test_tally_entries_reach_who_lacks_them(willing: Running) -> None:
    """Each signer knows, when it has signed, all entries of the other members before."""
    for number in range(6):
        await willing.finished(await willing.submit(raw_eddsa(bytes([number]))))
    counts = {id: willing.server.hub.tally.count(id) for id in SIGNERS}
    assert sum(counts.values()) == 12
    assert all(count == len(willing.signers[id].entries) for id, count in counts.items())
    again = WillingSigner(willing.cluster, "signer-1")
    await again.attach(willing.link)
    assert again.received[0].welcome.tally_count == counts["signer-1"]


async def test_the_tally_survives_and_a_fork_is_left_out(willing: Running) -> None:
    await willing.finished(await willing.submit(raw_eddsa()))
    book = willing.server.hub.tally
    signer = next(s for s in willing.signers.values() if s.entries)
    before = book.count(signer.id)
    entry = TallyEntry.from_bytes(signer.entries[-1].body)
    book.append(signer.id, [signer.entries[-1]])
    book.append("signer-2" if signer.id != "signer-2" else "signer-1", [signer.entries[-1]])
    assert (book.count(signer.id), entry.count) == (before, before)
    await asyncio.sleep(0.3)
    reloaded = type(book)(willing.server.database, willing.server.book)
    await reloaded.load()
    assert [reloaded.count(id) for id in SIGNERS] == [book.count(id) for id in SIGNERS]


async def test_entries_that_no_signer_could_take_are_left_out(server: Running) -> None:
    """One of them would be brought to every signer with every session, and be refused by each, for good."""
    book, signer = server.server.hub.tally, WillingSigner(server.cluster, "signer-1")
    good = TallyEntry(
        server.cluster.charter.cluster, signer.id, 1, NO_HEAD, bytes(32), bytes(32), 1,
        "user", "RAW", "", "", "", 0, 2,
    )  # fmt: skip
    signed = signer.me.sign(labels.TALLY, good.to_bytes())
    late = signer.me.sign(labels.TALLY, replace(good, time_ms=1 << 63).to_bytes())
    elsewhere = signer.me.sign(labels.TALLY, replace(good, cluster="0" * 32).to_bytes())
    for bad in (Signed(signed.body, bytes(64)), late, elsewhere):
        book.append(signer.id, [bad])
        assert book.count(signer.id) == 0
    book.append(signer.id, [signed])
    assert book.count(signer.id) == 1
