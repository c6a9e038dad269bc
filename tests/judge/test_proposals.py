"""Charter versions that loosen wait for the timelock; a veto cancels them; t acknowledgements end it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.charter import SignedDocument, parse
from quorate.core.model.charter.chain import document_json
from quorate.core.model.records import Acknowledgement, Signed
from quorate.core.proto import link_pb2 as pb
from quorate.judge.documents import to_link
from tests.judge.bench import Bench
from tests.judge.cluster import CAPPED, Administrator, Cluster, chain_json
from tests.judge.test_local_socket import Client
from tests.judge.test_server_side import ask

HOUR = 3600


@pytest.fixture(scope="session")
def locked() -> Cluster:
    """Loosening waits an hour."""
    return Cluster(CAPPED, timelock=HOUR)


@pytest.fixture
def at(locked: Cluster, tmp_path: Path) -> Bench:
    return Bench(locked, tmp_path)


def looser(cluster: Cluster, **changes: Any) -> SignedDocument:
    return cluster.next_charter(**(changes or {"skew": 6}))


async def give(bench: Bench, *documents: SignedDocument) -> int:
    """Through the operator's socket; the version in force afterwards."""
    chain = chain_json(bench.cluster.document, *documents)
    return (await bench.judge.activation.activate(chain, None)).version


async def propose(bench: Bench, *documents: SignedDocument, by: tuple[str, ...] = ()) -> pb.Answer:
    """Through the server, with acknowledgements of the last one by these signers."""
    charter = parse(documents[-1].body)
    said = [acknowledgement(bench.cluster, id, charter.hash, charter.version) for id in by]
    acknowledgements = [pb.Signed(body=signed.body, signature=signed.signature) for signed in said]
    versions = [to_link(document) for document in documents]
    return await ask(bench, proposal=pb.Proposal(versions=versions, acknowledgements=acknowledgements))


def acknowledgement(cluster: Cluster, id: str, hash: bytes, version: int = 2) -> Signed:
    said = Acknowledgement(cluster.charter.cluster, id, version, hash, 0, bytes(32), 1, 1)
    return cluster.members[id].sign(labels.ACKNOWLEDGEMENT, said.to_bytes())


async def test_tightening_takes_effect_at_once(at: Bench) -> None:
    async with at.running():
        assert await give(at, at.cluster.next_charter(skew=4)) == 2
        assert "charter_proposed" not in at.leaves()


async def test_loosening_waits_from_the_first_sight(at: Bench) -> None:
    async with at.running():
        document = looser(at.cluster)
        assert await give(at, document) == 1
        assert (at.leaves()[-1], at.sent[-1].WhichOneof("message")) == ("charter_proposed", "standing")
        (pending,) = at.judge.standing.pending()
        assert (pending.version, pending.charter) == (2, parse(document.body).hash)
        at.offset_ms = 1000 * (HOUR - 5)
        assert await give(at, document) == 1, "a second sight does not count"
        await at.judge.activation.take_due()
        assert (await propose(at, document)).standing.pending[0].due_ms == pending.due_ms
        assert at.judge.state.require_charter().version == 1
        at.offset_ms = 1000 * (HOUR + 1)
        changed: list[bool] = []
        at.judge.activation.on_change = lambda: changed.append(True)
        await at.judge.activation.take_due()
        assert (at.judge.state.require_charter().version, changed) == (2, [True])
        assert at.judge.standing.pending() == []
        assert at.leaves()[-1] == "charter"


async def test_the_first_sight_survives_a_restart(at: Bench) -> None:
    async with at.running():
        await give(at, looser(at.cluster))
        due = at.judge.standing.pending()[0].due_ms
    at.offset_ms = 1000 * (HOUR + 1)
    async with at.running():
        assert at.judge.standing.pending()[0].due_ms == due
        assert at.judge.server_side.hello().pending[0].due_ms == due
        await at.judge.activation.take_due()
        assert at.judge.state.require_charter().version == 2


async def test_without_a_timelock_nothing_waits(bench: Bench) -> None:
    assert await give(bench, looser(bench.cluster)) == 2


async def test_shortening_the_timelock_waits_for_the_longer_one(at: Bench) -> None:
    async with at.running():
        assert await give(at, looser(at.cluster, timelock=0)) == 1
        assert at.judge.store.proposals.all()[0].due_ms >= at.now_ms() + 1000 * (HOUR - 60)


async def test_versions_on_top_of_one_that_waits_wait_too(at: Bench) -> None:
    async with at.running():
        second = looser(at.cluster)
        third = at.cluster.next_charter(second, request_lifetime=600)
        assert await give(at, second, third) == 1
        assert [p.version for p in at.judge.standing.pending()] == [2, 3]
        at.offset_ms = 1000 * (HOUR + 1)
        await at.judge.activation.take_due()
        assert at.judge.state.require_charter().version == 3


async def test_of_two_that_compete_the_first_to_be_due_comes(at: Bench) -> None:
    async with at.running():
        await give(at, looser(at.cluster, skew=6))
        at.offset_ms = 5000
        await give(at, looser(at.cluster, skew=7))
        assert len(at.judge.standing.pending()) == 2
        at.offset_ms = 1000 * (HOUR + 60)
        await at.judge.activation.take_due()
        assert at.judge.state.require_charter().skew == 6
        assert at.judge.standing.pending() == []


async def test_enough_acknowledgements_end_the_wait(at: Bench) -> None:
    async with at.running():
        document = looser(at.cluster)
        for by in ((), ("signer-2",), ("signer-2", "signer-2"), ("signer-1", "signer-2")):
            answer = await propose(at, document, by=by)
            assert Acknowledgement.from_bytes(answer.standing.acknowledgement.body).version == 1, by
        answer = await propose(at, document, by=("signer-2", "signer-3"))
        assert Acknowledgement.from_bytes(answer.standing.acknowledgement.body).version == 2
        assert list(answer.standing.pending) == []


async def test_acknowledgements_of_a_later_version_count_for_those_before(at: Bench) -> None:
    async with at.running():
        second = looser(at.cluster)
        third = at.cluster.next_charter(second, skew=7)
        await propose(at, at.cluster.document, second, third, by=("signer-2", "signer-3"))
        assert at.judge.state.require_charter().version == 3


async def test_acknowledgements_that_prove_nothing(at: Bench) -> None:
    async with at.running():
        document = looser(at.cluster)
        charter = parse(document.body)
        good = [acknowledgement(at.cluster, id, charter.hash) for id in ("signer-2", "signer-3")]
        said = Acknowledgement.from_bytes(good[1].body)
        member = at.cluster.members["signer-3"]
        for bad in (
            Signed(good[1].body, good[0].signature),
            acknowledgement(at.cluster, "signer-3", at.cluster.charter.hash),
            member.sign(labels.ACKNOWLEDGEMENT, replace(said, cluster="00" * 16).to_bytes()),
            member.sign(labels.ACKNOWLEDGEMENT, replace(said, signer="signer-9").to_bytes()),
            member.sign(labels.PEER_STATE, good[1].body),
            Signed(b"x", b"y"),
        ):
            await at.judge.activation.propose([document], [good[0], bad])
            assert at.judge.state.require_charter().version == 1
        await at.judge.activation.propose([document], good)
        assert at.judge.state.require_charter().version == 2


async def test_a_veto_cancels_for_good(at: Bench) -> None:
    async with at.running():
        document = looser(at.cluster)
        await give(at, document)
        answer = await ask(at, veto=to_link(at.cluster.veto(document)))
        assert answer.standing.pending[0].vetoed
        assert at.leaves()[-1] == "charter_vetoed"
        assert [m.WhichOneof("message") for m in at.sent[-3:]] == ["veto", "standing", "answer"]
        at.offset_ms = 1000 * (HOUR + 1)
        await at.judge.activation.take_due()
        with pytest.raises(QuorateError, match="charter_vetoed"):
            await give(at, document)
    async with at.running():
        with pytest.raises(QuorateError, match="charter_vetoed"):
            await give(at, document)
        assert at.judge.state.require_charter().version == 1
        assert await give(at, looser(at.cluster, request_lifetime=60)) == 2, "another version is not touched"


async def test_a_veto_counts_before_the_version_is_seen(at: Bench) -> None:
    async with at.running():
        document = at.cluster.next_charter(skew=4)
        at.judge.proposals.veto(at.cluster.veto(document))
        with pytest.raises(QuorateError, match="charter_vetoed"):
            await give(at, document)


async def test_a_veto_that_came_too_late(at: Bench) -> None:
    """Too late here, or at n - t + 1 others: whoever missed the change must be able to follow."""
    async with at.running():
        document = looser(at.cluster)
        at.judge.proposals.veto(at.cluster.veto(document))
        await propose(at, document, by=("signer-2", "signer-3"))
        assert at.judge.state.require_charter().version == 2
        with pytest.raises(QuorateError, match="veto_late"):
            at.judge.proposals.veto(at.cluster.veto(document))


async def test_vetoes_that_nobody_may_make(at: Bench) -> None:
    async with at.running():
        document = looser(at.cluster)
        good = at.cluster.veto(document)
        mallory = Administrator().sign(labels.VETO, good.body)
        for veto, code in (
            (replace(good, signatures=()), "veto_signature"),
            (replace(good, signatures=(("alice", mallory),)), "veto_signature"),
            (at.cluster.veto(document, by="mallory"), "veto_signature"),
            (at.cluster.veto(document, cluster="00" * 16), "veto_cluster"),
        ):
            assert (await ask(at, veto=to_link(veto))).refusal.check == code
        assert at.judge.store.vetoes.by(parse(document.body).hash) is None


async def test_what_the_server_brings_is_verified(at: Bench) -> None:
    async with at.running():
        document = looser(at.cluster)
        unsigned = replace(document, signatures=())
        assert (await propose(at, unsigned)).refusal.check == "charter_quorum"
        third = at.cluster.next_charter(document, skew=7)
        assert (await propose(at, third)).refusal.check == "charter_version"
        assert (await propose(at, at.cluster.document)).HasField("standing"), "in force: passed over"
        other = Cluster(CAPPED).document
        assert (await propose(at, other)).refusal.check == "charter_conflict"


async def test_the_operator_sees_and_vetoes_by_the_socket(at: Bench) -> None:
    async with at.running(), Client(at) as client:
        document = looser(at.cluster)
        chain = chain_json(at.cluster.document, document)
        answer = await client.ask(do="activate", chain=chain, hash=None)
        assert (answer["version"], len(answer["pending"])) == (1, 1)
        answer = await client.ask(do="veto", **document_json(at.cluster.veto(document), "veto"))
        assert answer == {"ok": True, "charter": parse(document.body).hash.hex(), "by": "alice"}
        (pending,) = (await client.ask(do="status"))["pending"]
        assert (pending["version"], pending["vetoed_by"]) == (2, "alice")
        assert pending["due_ms"] - pending["first_seen_ms"] == 1000 * HOUR
