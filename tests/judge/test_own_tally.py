"""After a restore from an older copy and a readmit order, a signer takes back the entries it made since."""

from pathlib import Path

import pytest

from quorate.core.errors import QuorateError, Refused
from quorate.core.model import labels
from quorate.core.model.records import Signed, TallyEntry
from quorate.core.proto import link_pb2
from tests.judge.bench import Bench, Case
from tests.judge.cluster import Cluster, transfer


async def lost_entries(cluster: Cluster, folder: Path) -> list[link_pb2.Signed]:
    """What the server holds of a signer whose database is then lost: two entries of 4 ETH each."""
    async with Bench(cluster, folder).running() as bench:
        for nonce in range(2):
            await bench.open(await bench.admit(transfer("4")), nonce=nonce)
        entries = bench.judge.store.tally.own_after(0, 10)
        return [link_pb2.Signed(body=entry.body, signature=entry.signature) for entry in entries]


async def check_refused(bench: Bench, case: Case, entries: list[link_pb2.Signed]) -> str:
    with pytest.raises(Refused) as caught:
        await bench.open(case, tally=entries)
    assert bench.judge.store.tally.head("signer-1").count == 0
    return caught.value.check


async def test_own_entries_come_back_and_count(capped: Cluster, tmp_path: Path) -> None:
    entries = await lost_entries(capped, tmp_path / "a")
    async with Bench(capped, tmp_path / "b").running() as bench:
        late = await bench.admit(transfer("3"))
        with pytest.raises(Refused) as caught:
            await bench.open(late, nonce=2, tally=entries)
        assert caught.value.check == "policy_window", "8 of 10 ETH were let through before"
        assert bench.judge.store.tally.head("signer-1").count == 2
        case = await bench.admit(transfer("2"))
        await bench.open(case, nonce=2, tally=entries)
        entry = TallyEntry.from_bytes(bench.judge.store.tally.own_after(2, 1)[0].body)
        assert (entry.count, entry.previous_head) == (3, TallyEntry.from_bytes(entries[1].body).head)
        assert bench.keeper.asked.count("adopt_tally") == 1


async def test_a_signer_that_was_not_readmitted_takes_nothing_back(capped: Cluster, tmp_path: Path) -> None:
    entries = await lost_entries(capped, tmp_path / "a")
    async with Bench(capped, tmp_path / "b").running() as bench:
        bench.keeper.refuse["adopt_tally"] = "adopt_readmitted"
        with pytest.raises(QuorateError, match="adopt_readmitted"):
            await bench.open(await bench.admit(), tally=entries)
        assert bench.judge.store.tally.head("signer-1").count == 0


async def test_only_own_entries_in_their_order_are_taken(capped: Cluster, tmp_path: Path) -> None:
    entries = await lost_entries(capped, tmp_path / "a")
    async with Bench(capped, tmp_path / "b").running() as bench:
        case = await bench.admit()
        assert await check_refused(bench, case, entries[1:]) == "tally_missing"
        forged = link_pb2.Signed(body=entries[0].body, signature=bytes(64))
        assert await check_refused(bench, case, [forged]) == "tally_signature"
        other: Signed = capped.members["signer-2"].sign(labels.TALLY, entries[0].body)
        stolen = link_pb2.Signed(body=other.body, signature=other.signature)
        assert await check_refused(bench, case, [stolen]) == "tally_signature"
        assert "adopt_tally" not in bench.keeper.asked
