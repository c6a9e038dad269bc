"""The log on disk is what the leaves say, continues itself, and survives restarts and half-written tiles."""

from pathlib import Path

import pytest

from quorate.core.audit import checkpoint, merkle, tiles
from quorate.core.audit.checkpoint import Verifier, origin
from quorate.core.errors import QuorateError
from tests.judge.bench import Bench
from tests.judge.cluster import Cluster


def read_audit(bench: Bench) -> tuple[checkpoint.Checkpoint, list[bytes]]:
    """The checkpoint, verified, and the leaves of the entry bundles it covers."""
    audit = bench.folder / "audit"
    name = origin(bench.cluster.charter.cluster, bench.id)
    note = audit.joinpath("checkpoint").read_bytes()
    found = checkpoint.verify(note, Verifier(name, bench.cluster.members[bench.id].log_key))
    leaves: list[bytes] = []
    for tile in tiles.tiles_of(found.size, None):
        content = audit.joinpath(tile.path).read_bytes()
        while content:
            length = int.from_bytes(content[:2], "big")
            leaves.append(content[2 : 2 + length])
            content = content[2 + length :]
    return found, leaves


def append_many(bench: Bench, count: int) -> None:
    with bench.judge.store.db.unit():
        for number in range(count):
            bench.judge.log.append("refusal", {"number": number}, number)


@pytest.mark.parametrize("steps", [[1], [3, 5], [250, 10, 1], [600, 300]])
async def test_tiles_and_checkpoint_cover_the_leaves(bench: Bench, steps: list[int]) -> None:
    for count in steps:
        append_many(bench, count)
        await bench.judge.log.checkpoint()
    found, leaves = read_audit(bench)
    assert found.size == bench.judge.log.size == 3 + sum(steps)
    assert leaves == bench.judge.store.leaves.data(0, found.size)
    assert merkle.root(merkle.leaf_hash(leaf) for leaf in leaves) == found.root
    hashes = b"".join(
        bench.folder.joinpath("audit", t.path).read_bytes() for t in tiles.tiles_of(found.size, 0)
    )
    assert hashes == b"".join(merkle.leaf_hash(leaf) for leaf in leaves)


async def test_partial_tiles_are_replaced(bench: Bench) -> None:
    for _ in range(4):
        append_many(bench, 2)
        await bench.judge.log.checkpoint()
    partial = [path for path in bench.folder.joinpath("audit").rglob("*.p/*")]
    assert sorted(str(path.relative_to(bench.folder / "audit")) for path in partial) == [
        "tile/0/000.p/11", "tile/entries/000.p/11",
    ]  # fmt: skip


async def test_nothing_new_means_no_new_checkpoint(bench: Bench) -> None:
    await bench.judge.log.checkpoint()
    asked = bench.keeper.asked.count("checkpoint")
    await bench.judge.log.checkpoint()
    assert bench.keeper.asked.count("checkpoint") == asked == 1


async def test_a_rolled_back_unit_leaves_no_gap(bench: Bench) -> None:
    def fail() -> None:
        with bench.judge.store.db.unit():
            bench.judge.log.append("refusal", {"number": 1}, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    append_many(bench, 2)
    await bench.judge.log.checkpoint()
    assert read_audit(bench)[0].size == 5


async def test_the_log_goes_on_after_a_restart(capped: Cluster, tmp_path: Path) -> None:
    bench = Bench(capped, tmp_path)
    async with bench.running():
        append_many(bench, 300)
        await bench.judge.log.checkpoint()
        append_many(bench, 5)  # logged and durable, not yet in a checkpoint
        signed = {"log_size": bench.keeper.log_size, "log_root": bench.keeper.log_root}
    async with bench.running(**signed):
        append_many(bench, 400)
        await bench.judge.log.checkpoint()
        found, leaves = read_audit(bench)
        assert found.size == 3 + 300 + 5 + 1 + 400
        assert leaves == bench.judge.store.leaves.data(0, found.size)


async def test_tiles_that_were_not_finished_are_written_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from quorate.judge import log

    honest = log.write_files

    def full(root: Path, files: dict[str, bytes]) -> None:
        if "checkpoint" in files:
            raise OSError("no space left on device")
        honest(root, files)

    monkeypatch.setattr(log, "write_files", full)
    await bench.judge.log.checkpoint()
    assert "no space" in bench.judge.log.problem
    monkeypatch.setattr(log, "write_files", honest)
    append_many(bench, 300)
    await bench.judge.log.checkpoint()
    assert bench.judge.log.problem == ""
    assert read_audit(bench)[0].size == bench.judge.log.size


LOST = [({"log_size": 9}, "log_rolled_back"), ({"log_size": 2, "log_root": bytes(32)}, "log_rolled_back")]


@pytest.mark.parametrize(("signed", "code"), LOST)
async def test_a_log_the_keeper_did_not_sign_is_refused_at_start(
    capped: Cluster, tmp_path: Path, signed: dict[str, object], code: str
) -> None:
    async with Bench(capped, tmp_path).running():
        pass
    with pytest.raises(QuorateError, match=code):
        async with Bench(capped, tmp_path).running(**signed):
            pass
