"""Start, activation and the start rule: what is in force, and when this signer may vote."""

from pathlib import Path

import pytest

from quorate.core.errors import QuorateError
from quorate.core.model.intent import Attempt
from quorate.core.proto import link_pb2
from tests.judge.bench import Bench
from tests.judge.cluster import Cluster, chain_json, transfer


async def test_before_a_charter_the_judge_waits(capped: Cluster, tmp_path: Path) -> None:
    async with Bench(capped, tmp_path).running(activate=False) as bench:
        assert bench.judge.state.charter is None
        assert bench.leaves() == []
        with pytest.raises(QuorateError, match="no_charter"):
            await bench.admit()


async def test_version_one_needs_the_hash_the_operator_entered(capped: Cluster, tmp_path: Path) -> None:
    chain = chain_json(capped.document)
    async with Bench(capped, tmp_path).running(activate=False) as bench:
        for entered in (None, "", "zz", "00" * 31):
            with pytest.raises(QuorateError, match="operator_hash"):
                await bench.judge.activation.activate(chain, entered)
        with pytest.raises(QuorateError, match="charter_root"):
            await bench.judge.activation.activate(chain, "00" * 32)
        assert "accept_charter" not in bench.keeper.asked
        charter = await bench.judge.activation.activate(chain, capped.charter.hash.hex())
        assert charter.version == 1
        assert bench.keeper.requests[-2].accept_charter.operator_hash == capped.charter.hash


async def test_a_charter_survives_and_goes_up(capped: Cluster, tmp_path: Path) -> None:
    bench = Bench(capped, tmp_path)
    async with bench.running():
        again = await bench.judge.activation.activate(chain_json(capped.document), None)
        assert again.version == 1
        signed = {"log_size": 0}
    async with bench.running(incarnation=2, **signed):
        assert [charter.version for charter in bench.judge.state.charters] == [1]
        assert sorted(bench.judge.state.certificates) == ["ecdsa", "eddsa"]
        assert bench.leaves()[-1] == "started"
        changed: list[bool] = []
        bench.judge.activation.on_change = lambda: changed.append(True)
        chain = chain_json(capped.document, capped.next_charter(skew=6))
        assert (await bench.judge.activation.activate(chain, None)).skew == 6
        assert changed == [True]
        with pytest.raises(QuorateError, match="charter_conflict"):
            await bench.judge.activation.activate(chain_json(capped.document), None)
        other = chain_json(capped.document, capped.next_charter(skew=7))
        with pytest.raises(QuorateError, match="charter_conflict"):
            await bench.judge.activation.activate(other, None)


async def test_another_clusters_chain_is_refused(
    capped: Cluster, open_handed: Cluster, tmp_path: Path
) -> None:
    async with Bench(capped, tmp_path).running() as bench:
        with pytest.raises(QuorateError, match="charter_root"):
            await bench.judge.activation.activate(
                chain_json(open_handed.document), open_handed.charter.hash.hex()
            )


async def test_a_keepers_refusal_leaves_nothing_in_force(capped: Cluster, tmp_path: Path) -> None:
    async with Bench(capped, tmp_path).running(activate=False) as bench:
        bench.keeper.refuse["accept_charter"] = "own_identity"
        with pytest.raises(QuorateError, match="own_identity"):
            await bench._activate()
        assert bench.judge.state.charter is None
        assert bench.judge.store.charters.documents() == ()


async def test_a_keeper_with_another_tally_is_not_started(capped: Cluster, tmp_path: Path) -> None:
    async with Bench(capped, tmp_path).running():
        pass
    with pytest.raises(QuorateError, match="tally_mismatch"):
        async with Bench(capped, tmp_path).running(tally_count=3):
            pass


async def test_votes_that_were_never_let_out_are_forgotten(capped: Cluster, tmp_path: Path) -> None:
    """The process ended after a reservation was on disk and before the keeper's vote was."""
    bench = Bench(capped, tmp_path)
    async with bench.running():
        case = await bench.admit(transfer("6"))
        with bench.judge.store.db.unit():
            open_ = bench.judge.judge_open
            request = bench.request(case)
            attempt = Attempt(request.intent_hash, request.format, request.bytes)
            open_._reserve(open_._case(request, attempt))
        assert bench.judge.store.tally.is_reserved(case.intent.hash)
    async with bench.running():
        assert not bench.judge.store.tally.is_reserved(case.intent.hash)
        assert bench.judge.store.attempts.hashes_of(case.intent.hash) == set()
        await bench.open(await bench.admit(transfer("10")))


async def test_the_start_rule_asks_until_it_was_heard(capped: Cluster, tmp_path: Path) -> None:
    import asyncio

    async with Bench(capped, tmp_path).running(may_vote=False) as bench:
        task = asyncio.create_task(bench.judge.start.run())
        await asyncio.sleep(0.01)
        query = bench.sent[-1].peer_query
        assert (getattr(query, "from"), query.nonce, query.incarnation) == ("signer-1", bytes(32), 1)
        answer = link_pb2.PeerAnswer(about="signer-1", state=link_pb2.Signed(body=b"x", signature=b"y"))
        await bench.judge.start.hear(answer)
        assert bench.judge.state.start.may_vote
        assert bench.sent[-1].ready.may_vote
        asked = len(bench.sent)
        bench.judge.start.wake()
        await asyncio.sleep(0.01)
        assert len(bench.sent) == asked
        task.cancel()


async def test_others_are_answered_through_the_keeper(bench: Bench) -> None:
    query = link_pb2.PeerQuery(nonce=bytes(32), incarnation=3)
    setattr(query, "from", "signer-2")
    await bench.judge.server_side.handle(link_pb2.ToSigner(peer_query=query))
    answer = bench.sent[-1].peer_answer
    assert (answer.about, getattr(answer, "from")) == ("signer-2", "signer-1")
    assert bench.keeper.requests[-1].answer_peer.incarnation == 3


async def test_a_certificate_that_not_all_signed_is_refused(bench: Bench) -> None:
    bench.judge.state.certificates = {}
    certificate = bench.cluster.certificates["ecdsa"]
    for signatures in (
        {**certificate.signatures, "signer-3": bytes(64)},
        dict(list(certificate.signatures.items())[:2]),
    ):
        message = link_pb2.Certificate(body=certificate.body, signatures=signatures)
        await bench.judge.server_side.handle(link_pb2.ToSigner(certificate=message))
        assert not bench.judge.state.certificates
        assert bench.journal[-1][0] == "message_refused"
