"""Bytes that expired after a vote: kept, waited over, and brought to the signers with those built anew."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from quorate.core.chains.tron.decode import read_tx
from quorate.core.errors import Refused
from quorate.core.proto import link_pb2 as pb
from quorate.server.service import room
from quorate.server.store import versions
from tests.judge import solana_cluster as solana
from tests.judge import tron
from tests.judge.cluster import ALLOW_ALL
from tests.server.chains.front import front
from tests.server.chains.tron_node import GENESIS, Node
from tests.server.running import QUICK, Running, serve
from tests.server.signers import WillingSigner
from tests.server.solana_node import SolanaNode
from tests.server.test_tron import address, make_accounts

SOURCES = ["own-node", "provider-a"]


class OneVotes(WillingSigner):
    """The first signer votes, the others are silent until they are brought expired bytes."""

    def open(self, request: Any) -> Any:
        silent = self.id != "signer-1" and not request.open.earlier
        return None if silent else super().open(request)


class Hesitant(OneVotes):
    """Refuses other bytes at first, as while its sources are behind."""

    hesitated = False

    def open(self, request: Any) -> Any:
        if request.open.earlier and not self.hesitated:
            self.hesitated = True
            raise Refused("attempt_fixed", "refused as scripted", reason_class="replay")
        return super().open(request)


class Careful(OneVotes):
    """TRON: refuses what has expired, as signers do."""

    node: Node

    def open(self, request: Any) -> Any:
        if read_tx(request.open.bytes).expiration <= self.node.now_ms():
            raise Refused("attempt_expiry", "refused as scripted", reason_class="expired")
        return super().open(request)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "ASK_AGAIN_S", 0.3)
    monkeypatch.setattr(room, "AFTER_S", {"solana": 0.5, "tron": 0.0})


def opened(running: Running, id: str = "signer-1") -> list[pb.Open]:
    return running.signers[id].opened


async def two_asked(running: Running) -> bytes:
    """Two sessions were opened with the same bytes; which."""
    async with asyncio.timeout(15):
        while len(opened(running)) < 2:
            await asyncio.sleep(0.02)
    (data,) = {message.bytes for message in opened(running)}
    return data


def check(running: Running, old: bytes) -> None:
    """Others were signed, and each signer of the last session was brought the old ones."""
    last = [signer.opened[-1] for signer in running.signers.values() if signer.released]
    assert len(last) == 2
    assert all(list(message.earlier) == [old] and message.bytes != old for message in last)


async def on_solana(folder: Path, kind: Any, labels: list[str], then: Callable[..., Any]) -> None:
    cluster = solana.SolanaCluster(ALLOW_ALL, rpc_sources={solana.CHAIN: labels})
    node = SolanaNode()
    try:
        node.fund(cluster.solana_address("0"), 10**10)
        async with serve(cluster, folder, chains={solana.CHAIN: (node.url,)}, timeouts=QUICK) as running:
            await running.attach(kind)
            await make_accounts(running)
            id = await running.submit(solana.pay())
            old = await two_asked(running)
            node.expire()
            await then(running, id, old)
    finally:
        node.close()


@pytest.mark.parametrize("kind", [OneVotes, Hesitant])
async def test_a_solana_request_is_signed_with_other_bytes(tmp_path: Path, kind: Any) -> None:
    async def then(running: Running, id: str, old: bytes) -> None:
        assert (await running.finished(id))["status"] == "COMPLETED"
        check(running, old)
        assert await running.server.database.read(partial(versions.of_transaction, id=id)) == []
        assert await running.server.database.read(partial(versions.expired_of, id=id)) == [old]

    await on_solana(tmp_path, kind, SOURCES, then)


async def test_one_source_is_none(tmp_path: Path) -> None:
    async def then(running: Running, id: str, old: bytes) -> None:
        found = await running.finished(id)
        assert (found["status"], found["subStatus"]) == ("FAILED", "expired")
        assert {message.bytes for message in opened(running)} == {old}

    await on_solana(tmp_path, OneVotes, SOURCES[:1], then)


async def test_what_waits_may_be_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "AFTER_S", {"solana": 600.0})

    async def then(running: Running, id: str, old: bytes) -> None:
        async with asyncio.timeout(15):
            while (await running.call("GET", f"/v1/transactions/{id}")).json()["status"] != "QUEUED":
                await asyncio.sleep(0.02)
        for signer in running.signers.values():
            await signer.detach()
        await running.attach(WillingSigner)
        other = await running.submit(solana.pay("2"))  # the account is not held up
        assert (await running.finished(other))["status"] == "COMPLETED"
        assert (await running.call("POST", f"/v1/transactions/{id}/cancel", {})).status_code == 200
        assert (await running.finished(id))["status"] == "CANCELLED"

    await on_solana(tmp_path, OneVotes, SOURCES, then)


async def test_a_restart_goes_on_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = solana.SolanaCluster(ALLOW_ALL, rpc_sources={solana.CHAIN: SOURCES})
    node = SolanaNode()
    try:
        node.fund(cluster.solana_address("0"), 10**10)
        served = partial(serve, cluster, tmp_path, chains={solana.CHAIN: (node.url,)}, timeouts=QUICK)
        monkeypatch.setattr(room, "AFTER_S", {"solana": 600.0})
        async with served() as running:
            await running.attach(OneVotes)
            await make_accounts(running)
            id = await running.submit(solana.pay())
            old = await two_asked(running)
            node.expire()
            async with asyncio.timeout(15):
                while not await running.server.database.read(partial(versions.expired_of, id=id)):
                    await asyncio.sleep(0.02)
        monkeypatch.setattr(room, "AFTER_S", {"solana": 0.5})
        async with served() as running:
            await running.attach(OneVotes)
            assert (await running.finished(id))["status"] == "COMPLETED"
            check(running, old)
    finally:
        node.close()


@pytest.mark.parametrize("labels", [SOURCES, []])
async def test_a_tron_request(tmp_path: Path, labels: list[str]) -> None:
    """With sources it is signed with other bytes, without it fails as before."""
    named = {tron.CHAIN: labels} if labels else {}
    cluster = tron.TronCluster(ALLOW_ALL, rpc_sources=named)
    node = Node(tron.TOKEN, {address(cluster): 10**9, tron.STALL: 0})
    Careful.node = node
    with ExitStack() as stack:
        url = stack.enter_context(front(node)).url
        settings = {"chains": {tron.CHAIN: (url,)}, "genesis": {tron.CHAIN: GENESIS.hex()}, "timeouts": QUICK}
        async with serve(cluster, tmp_path, **settings) as running:
            await running.attach(Careful)
            await make_accounts(running)
            id = await running.submit(tron.payment())
            old = await two_asked(running)
            node.offset_s = 310  # expired, and not for long enough
            await asyncio.sleep(1)
            if not labels:
                assert (await running.finished(id))["status"] == "FAILED"
                return
            node.offset_s = 400
            assert (await running.finished(id))["status"] == "COMPLETED"
            check(running, old)
            assert len(node.executed) == 1
