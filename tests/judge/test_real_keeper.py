"""Judge and keeper as processes, three signers, real keys: the claims of the other tests hold with them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from coincurve import PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from quorate.core.audit.verify import verify_directory_files
from quorate.core.chains.evm.digest import digest
from tests.judge.cluster import CAPPED, raw_eddsa, transfer
from tests.judge.real_cluster import RealCluster


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[RealCluster]:
    async with RealCluster(tmp_path, CAPPED).running() as running:
        try:
            await running.activate()
            yield running
        finally:
            for signer in running.signers.values():
                print(f"--- {signer.id}\n{signer.journal()}")


async def test_both_curves_from_key_creation_to_signature(cluster: RealCluster) -> None:
    await cluster.create_key("eddsa")
    await cluster.create_key("ecdsa")

    _, result = await cluster.sign(raw_eddsa(b"hello"), "signer-1", "signer-2")
    item = result.items[0]
    Ed25519PublicKey.from_public_bytes(item.public_key).verify(item.signature, b"hello")

    case, result = await cluster.sign(transfer(), "signer-2", "signer-3")
    item = result.items[0]
    recoverable = item.signature + bytes([item.recovery_id])
    signer = PublicKey.from_signature_and_message(recoverable, digest(result.bytes), hasher=None)
    assert signer.format() == item.public_key

    again = await cluster.ask_open(case, "signer-2", "signer-3", session=2)
    assert all(answer.result == result for answer in again.values()), "a durable result is returned at once"


async def test_a_killed_signer_comes_back_and_signs(cluster: RealCluster) -> None:
    await cluster.create_key("eddsa")
    await cluster.sign(raw_eddsa(b"one"), "signer-1", "signer-3")
    third = cluster.signers["signer-3"]
    third.stop(kill=True)
    await cluster.hub.until(lambda: third.id not in cluster.hub.signers)
    await cluster.sign(raw_eddsa(b"two"), "signer-1", "signer-2")
    third.start(cluster.address)
    await cluster.hub.ready(third.id)
    status = await third.ask(do="status")
    assert (status["incarnation"], status["may_vote"]) == (2, True)
    await cluster.sign(raw_eddsa(b"three"), "signer-2", "signer-3")


async def test_the_judge_ends_when_its_keeper_does(cluster: RealCluster) -> None:
    signer = cluster.signers["signer-1"]
    assert signer.keeper
    assert signer.judge
    signer.keeper.kill()
    assert await asyncio.to_thread(signer.judge.wait, 10) == 3
    assert '"keeper_gone"' in signer.journal().splitlines()[-1]


async def test_a_signal_ends_it_in_order(cluster: RealCluster) -> None:
    signer = cluster.signers["signer-1"]
    assert await asyncio.to_thread(signer.stop) == 0
    audit = signer.folder / "audit"
    names = [str(path.relative_to(audit)) for path in audit.rglob("*") if path.is_file()]
    report = verify_directory_files(
        lambda name: audit.joinpath(name).read_bytes(), cluster.charter, signer.id, names=names
    )
    assert report.ok, report
    assert report.size >= 1
    assert not signer.folder.joinpath("judge.sock").exists()
