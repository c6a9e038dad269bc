"""Cancelling, expiring, and requests of which a share may be out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quorate.core.proto import link_pb2 as pb
from quorate.server import clock
from tests.judge.cluster import SIGNERS, Cluster, raw_eddsa, transfer
from tests.server.running import QUICK, Running, serve
from tests.server.signers import HoldingResults, SilentAtOpen, WillingSigner


@pytest.fixture
async def server(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Running]:
    """With short time-outs, because somebody will be silent."""
    async with serve(cluster, tmp_path, timeouts=QUICK) as running:
        yield running


class NeverFinishing(WillingSigner):
    """Votes and takes the release, then nothing more is heard of the session."""

    async def after_release(self, release: pb.Release) -> None:
        return


async def test_cancel_before_any_share_is_out(server: Running) -> None:
    await server.attach(SilentAtOpen)
    id = await server.submit(raw_eddsa())
    answer = await server.call("POST", f"/v1/transactions/{id}/cancel", {})
    assert answer.json() == {"success": True}
    assert (await server.finished(id))["status"] == "CANCELLED"


async def test_cancel_comes_too_late_for_a_signed_one(willing: Running) -> None:
    id = await willing.submit(raw_eddsa())
    await willing.finished(id)
    assert (await willing.call("POST", f"/v1/transactions/{id}/cancel", {})).json() == {"success": False}


async def test_cancel_is_no_when_a_share_may_be_out(server: Running) -> None:
    await server.attach(NeverFinishing)
    id = await server.submit(raw_eddsa())
    await asyncio.sleep(0.3)
    assert (await server.call("POST", f"/v1/transactions/{id}/cancel", {})).json() == {"success": False}
    assert (await server.call("GET", f"/v1/transactions/{id}")).json()["status"] == "PENDING_SIGNATURE"
    for signer in server.signers.values():
        await signer.detach()
    await server.attach()
    assert (await server.finished(id))["status"] == "COMPLETED", "it goes on to its signature"


async def test_expired_without_enough_signers_is_a_clear_failure(
    server: Running, monkeypatch: object
) -> None:
    await server.attach(SilentAtOpen)
    id = await server.submit(raw_eddsa())
    await asyncio.sleep(0.1)
    for signer in server.signers.values():
        await signer.detach()
    _pass_time(monkeypatch, 4000)
    found = await _state(server, id, "FAILED")
    assert found["subStatus"] == "expired"


async def test_expired_with_a_share_out_waits_for_the_signers_that_may_hold_the_result(
    server: Running, monkeypatch: object
) -> None:
    await server.attach(NeverFinishing)
    id = await server.submit(raw_eddsa())
    await asyncio.sleep(0.3)
    intents = {signer.id: signer.intents for signer in server.signers.values()}
    for signer in server.signers.values():
        await signer.detach()
    _pass_time(monkeypatch, 4000)
    await asyncio.sleep(1.2)
    assert (await _read(server, id))["status"] == "PENDING_SIGNATURE"
    for name in SIGNERS:
        server.signers[name] = HoldingResults(server.cluster, name)
        server.signers[name].intents = intents[name]
        await server.signers[name].attach(server.link)
    found = await _state(server, id, "COMPLETED")
    assert found["signedMessages"] == 1


async def test_a_restart_takes_up_what_waits(cluster: Cluster, tmp_path: Path) -> None:
    async with serve(cluster, tmp_path, timeouts=QUICK) as first:
        await first.attach(SilentAtOpen)
        ids = [await first.submit(raw_eddsa(bytes([number]))) for number in range(5)]
    async with serve(cluster, tmp_path) as second:
        await second.attach()
        for id in ids:
            assert (await second.finished(id))["status"] == "COMPLETED"


async def test_a_transfer_waits_for_its_chain(server: Running) -> None:
    """No node is configured: the request is not lost, and not signed blindly."""
    await server.attach()
    await server.call("POST", "/v1/vault/accounts", {"name": "a"})
    id = await server.submit(transfer())
    await asyncio.sleep(0.1)
    assert (await server.call("GET", f"/v1/transactions/{id}")).json()["status"] == "QUEUED"
    assert (await server.call("POST", f"/v1/transactions/{id}/cancel", {})).json() == {"success": True}


def _pass_time(monkeypatch: object, seconds: int) -> None:
    """The server's clock goes ahead; tokens made now are stale to it, so rows are read directly."""
    now = clock.seconds
    monkeypatch.setattr(clock, "seconds", lambda: now() + seconds)  # type: ignore[attr-defined]


async def _read(server: Running, id: str) -> dict[str, object]:
    from quorate.server.store import transactions

    row = await server.server.database.read(lambda connection: transactions.get(connection, id))
    assert row is not None
    return {"status": row.status, "subStatus": row.sub_status, "signedMessages": int(row.result is not None)}


async def _state(server: Running, id: str, status: str) -> dict[str, object]:
    for _ in range(500):
        found = await _read(server, id)
        if found["status"] == status:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)
