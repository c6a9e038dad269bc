"""kill -9 between each pair of durable steps: the signer comes back, has lost nothing, and signs again."""

from pathlib import Path
from typing import Any

import pytest

from quorate.core.proto import link_pb2 as pb
from quorate.judge import faults
from tests.judge.cluster import CAPPED, raw_eddsa
from tests.judge.real_cluster import RealCluster

SESSION_POINTS = [
    point for point in faults.POINTS if point.split(".")[1] in ("admit", "open", "release", "result")
]
OTHER_POINTS = [
    "judge.start.loaded",
    "judge.start.recorded",
    "judge.store.before_commit:20",
    "judge.store.after_commit:20",
    "judge.keeper.before_durable:20",
    "judge.keeper.after_durable:20",
    "judge.log.before_checkpoint",
    "judge.log.checkpoint_signed",
    "judge.log.tiles_written",
    "judge.log.checkpoint_written",
]


async def die_at(cluster: RealCluster, point: str) -> None:
    """Restarts signer-1 with the fault and lets it work until it is killed."""
    signer = cluster.signers["signer-1"]
    signer.stop()
    await cluster.hub.until(lambda: signer.id not in cluster.hub.signers)
    signer.start(cluster.address, QUORATE_FAULT=point)
    for number in range(40):
        try:
            await cluster.hub.until(lambda: signer.id in cluster.hub.signers or signer.dead, 20)
            if signer.dead:
                break
            await cluster.hub.ready(signer.id)
            await cluster.sign(raw_eddsa(f"{point} {number}".encode()), "signer-1", "signer-2")
        except (ConnectionError, TimeoutError):
            break
    await cluster.hub.until(lambda: signer.dead)
    assert signer.judge
    assert signer.judge.returncode == -9, "it ended in another way than the fault"


@pytest.mark.parametrize("points", [SESSION_POINTS, OTHER_POINTS], ids=["session", "other"])
async def test_it_comes_back_from_every_point(tmp_path: Path, points: list[str]) -> None:
    async with RealCluster(tmp_path, CAPPED).running() as cluster:
        await cluster.activate()
        await cluster.create_key("eddsa")
        signer = cluster.signers["signer-1"]
        for point in points:
            await die_at(cluster, point)
            signer.reap()
            await cluster.hub.until(lambda: signer.id not in cluster.hub.signers)
            signer.start(cluster.address)
            await cluster.hub.ready(signer.id)
            await cluster.sign(raw_eddsa(f"after {point}".encode()), "signer-1", "signer-2")
        assert "mismatch" not in signer.journal()
        assert "rolled_back" not in signer.journal()


async def test_a_vote_that_was_let_out_is_kept_and_one_that_was_not_is_not(tmp_path: Path) -> None:
    """After a crash the same external id is still refused, and the same session number too."""
    async with RealCluster(tmp_path, CAPPED).running() as cluster:
        await cluster.activate()
        await cluster.create_key("eddsa")
        body: dict[str, Any] = {**raw_eddsa(), "externalTxId": "order-1"}
        case = await cluster.admit(body)
        await cluster.open(case, "signer-1", "signer-2")
        signer = cluster.signers["signer-1"]
        signer.stop(kill=True)
        await cluster.hub.until(lambda: signer.id not in cluster.hub.signers)
        signer.start(cluster.address)
        await cluster.hub.ready(signer.id)

        again = await cluster.hub.ask("signer-1", admit=pb.Admit(request=cluster.user.request(body)))
        assert again.refusal.check == "external_id"
        same = await cluster.ask_open(case, "signer-1", "signer-2", session=1)
        assert {answer.refusal.check for answer in same.values()} == {"session_number"}
        opened = await cluster.open(case, "signer-1", "signer-2", session=2)
        await cluster.release(opened)
