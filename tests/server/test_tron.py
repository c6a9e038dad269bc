"""TRON transfers from the API to a node that checks them: TRX and TRC-20, the times of their bytes, and what
happens to those that cannot execute any more.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from quorate.core.chains.tron import fee
from quorate.core.chains.tron.decode import read_tx
from quorate.core.dialects.fireblocks import account_address
from quorate.core.errors import Refused
from quorate.core.proto import link_pb2 as pb
from quorate.server.config import Timeouts
from quorate.server.service import orphan
from quorate.server.store import transactions
from tests.judge.cluster import ALLOW_ALL
from tests.judge.tron import CHAIN, FEE_CAP, STALL, TOKEN, TRX, TronCluster, payment
from tests.server.chains.front import front
from tests.server.chains.tron_node import ACTIVATION, ENERGY, ENERGY_PRICE, GENESIS, Node
from tests.server.running import PATIENT, QUICK, Running, serve
from tests.server.signers import WillingSigner

NEW = "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8"


@pytest.fixture(scope="session")
def tron_cluster() -> TronCluster:
    return TronCluster(ALLOW_ALL)


@pytest.fixture
def node(tron_cluster: TronCluster) -> Node:
    """Vault account 0 has 1000 TRX and 500 units of the token."""
    owner = address(tron_cluster)
    return Node(TOKEN, {owner: 1000 * TRX, STALL: 0}, {owner: 500 * 10**6})


@pytest.fixture
def url(node: Node) -> Iterator[str]:
    with front(node) as running:
        yield running.url


@pytest.fixture
async def on_tron(tron_cluster: TronCluster, url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with started(tron_cluster, url, tmp_path) as running:
        await running.attach()
        await make_accounts(running)
        yield running


def started(cluster: TronCluster, url: str, folder: Path, timeouts: Timeouts = PATIENT) -> Any:
    genesis = {CHAIN: GENESIS.hex()}
    return serve(cluster, folder, chains={CHAIN: (url,)}, genesis=genesis, timeouts=timeouts)


async def make_accounts(running: Running) -> None:
    for name in ("treasury", "hot"):
        assert (await running.call("POST", "/v1/vault/accounts", {"name": name})).status_code == 200


def address(cluster: TronCluster) -> str:
    return account_address(cluster.charter, cluster.keys, "TRX", "0")


async def done(running: Running, body: dict[str, Any], within: float = 30) -> dict[str, Any]:
    return await running.finished(await running.submit(body), within)


def raw_of(running: Running) -> bytes:
    """The one set of bytes that the signers were shown."""
    (data,) = {message.bytes for signer in running.signers.values() for message in signer.opened}
    return data


async def test_trx_is_paid(on_tron: Running, node: Node) -> None:
    found = await done(on_tron, payment("1.5"))
    assert (found["status"], found["txHash"]) == ("COMPLETED", read_tx(raw_of(on_tron)).txid.hex())
    size = len(node.signed[0]) + 64
    assert node.coins == {address(on_tron.cluster): 998_500_000 - 1000 * size, STALL: 1_500_000}
    assert float(found["networkFee"]) == size / 1000


async def test_a_token_is_paid(on_tron: Running, node: Node) -> None:
    found = await done(on_tron, payment("12.345678", assetId="USDT"))
    assert found["status"] == "COMPLETED"
    assert node.tokens == {address(on_tron.cluster): 500_000_000 - 12_345_678, STALL: 12_345_678}
    unsigned = read_tx(raw_of(on_tron))
    assert unsigned.fee_limit == ENERGY * ENERGY_PRICE * 5 // 4
    assert fee.most(unsigned) <= FEE_CAP


async def test_the_bytes_have_the_times_of_the_chain(on_tron: Running, node: Node) -> None:
    node.offset_s = 3600
    before = node.now_ms()
    await done(on_tron, payment())
    unsigned = read_tx(raw_of(on_tron))
    assert before <= unsigned.timestamp <= node.now_ms()
    assert unsigned.expiration - unsigned.timestamp == 300_000
    id = node.block_id(1000)
    assert (unsigned.ref_block_bytes, unsigned.ref_block_hash) == (id[6:8], id[8:16])


async def test_equal_transfers_are_different_transactions(on_tron: Running, node: Node) -> None:
    """Within one block's time: with equal bytes the chain would pay once and two requests would be called
    completed.
    """
    found = await asyncio.gather(*(done(on_tron, payment()) for _ in range(5)))
    assert [each["status"] for each in found] == ["COMPLETED"] * 5
    assert len({each["txHash"] for each in found}) == len(node.executed) == 5
    assert node.coins[STALL] == 5 * TRX


async def test_a_new_account_costs_its_activation(on_tron: Running, node: Node) -> None:
    one_time = {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": NEW}}
    found = await done(on_tron, payment("1", destination=one_time))
    assert found["status"] == "COMPLETED"
    assert node.coins[NEW] == TRX
    assert float(found["networkFee"]) > ACTIVATION / TRX


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (payment("1000.1"), "insufficient_funds"),
        (payment("999.9"), "insufficient_funds"),  # nothing is left for the bandwidth
        (payment("500.1", assetId="USDT"), "insufficient_funds"),
        (payment("1", source={"type": "VAULT_ACCOUNT", "id": "1"}), "insufficient_funds"),
        (payment("1", networkFee="1"), "fee_ceiling"),
        (payment("1", assetId="USDT", networkFee="6.8"), "fee_ceiling"),
    ],
)
async def test_what_cannot_be_paid_fails_before_any_vote(
    on_tron: Running, body: dict[str, Any], reason: str
) -> None:
    found = await done(on_tron, body)
    assert (found["status"], found["subStatus"]) == ("FAILED", reason)
    assert not any(signer.opened for signer in on_tron.signers.values())


async def test_tokens_without_trx_need_energy(on_tron: Running, node: Node) -> None:
    owner = address(on_tron.cluster)
    node.coins[owner] = TRX
    assert (await done(on_tron, payment("1", assetId="USDT")))["subStatus"] == "insufficient_funds"
    node.staked_energy = ENERGY
    assert (await done(on_tron, payment("1", assetId="USDT")))["status"] == "COMPLETED"


async def test_free_bandwidth_lets_all_be_paid(on_tron: Running, node: Node) -> None:
    node.free_bandwidth = 600
    assert (await done(on_tron, payment("1000")))["status"] == "COMPLETED"
    assert node.coins[address(on_tron.cluster)] == 0


async def test_a_low_ceiling_leaves_less_fee_limit(on_tron: Running, node: Node) -> None:
    assert (await done(on_tron, payment("1", assetId="USDT", networkFee="7")))["status"] == "COMPLETED"
    unsigned = read_tx(raw_of(on_tron))
    assert unsigned.fee_limit < ENERGY * ENERGY_PRICE * 5 // 4
    assert fee.most(unsigned) <= 7 * TRX


async def test_what_no_node_took_in_time_fails(on_tron: Running, node: Node) -> None:
    node.closed = True
    id = await on_tron.submit(payment())
    await until(on_tron, id, "BROADCASTING")
    node.offset_s = 299
    await asyncio.sleep(1)
    assert (await on_tron.call("GET", f"/v1/transactions/{id}")).json()["status"] == "BROADCASTING"
    node.offset_s = 400
    found = await on_tron.finished(id, 60)
    assert (found["status"], found["subStatus"]) == ("FAILED", "replaced")
    assert node.executed == {}


async def test_what_a_node_took_late_is_completed(on_tron: Running, node: Node) -> None:
    node.closed = True
    id = await on_tron.submit(payment())
    await until(on_tron, id, "BROADCASTING")
    node.closed = False
    assert (await on_tron.finished(id))["status"] == "COMPLETED"


class LosesWhatItReleased(WillingSigner):
    """Releases its share without a word about the result, and refuses everything afterwards."""

    def open(self, request: pb.Request) -> pb.Answer | None:
        if self.released:
            raise Refused("expired", "refused as scripted", reason_class="expired")
        return super().open(request)

    async def after_release(self, release: pb.Release) -> None:
        pass


@pytest.fixture
async def released(
    tron_cluster: TronCluster, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Running, str]]:
    """Shares are out, and no signature was seen: whoever has it may broadcast it until the bytes expire."""
    monkeypatch.setattr(orphan, "ASK_EVERY", 0.1)
    async with started(tron_cluster, url, tmp_path, QUICK) as running:
        await running.attach(LosesWhatItReleased)
        await make_accounts(running)
        id = await running.submit(payment())
        for _ in range(500):
            row = await running.server.database.read(partial(transactions.get, id=id))
            if row is not None and row.sub_status == "expired":
                break
            await asyncio.sleep(0.02)
        yield running, id


async def test_a_released_request_fails_when_its_bytes_have_expired(
    released: tuple[Running, str], node: Node
) -> None:
    running, id = released
    await asyncio.sleep(1)
    assert await status(running, id) == "PENDING_SIGNATURE"
    node.offset_s = 400
    assert (await running.finished(id, 60))["status"] == "FAILED"
    assert node.executed == {}


async def test_a_released_request_that_others_broadcast_is_never_failed(
    released: tuple[Running, str], node: Node
) -> None:
    running, id = released
    txid = read_tx(raw_of(running)).txid.hex()
    node.executed[txid] = {"id": txid, "blockNumber": 1000, "receipt": {}}
    node.offset_s = 400
    await asyncio.sleep(2)
    assert await status(running, id) == "PENDING_SIGNATURE"


async def test_the_same_bytes_after_a_restart(
    tron_cluster: TronCluster, url: str, node: Node, tmp_path: Path
) -> None:
    node.closed = True
    async with started(tron_cluster, url, tmp_path) as first:
        await first.attach()
        await make_accounts(first)
        id = await first.submit(payment())
        await until(first, id, "BROADCASTING")
        data = raw_of(first)
    node.closed = False
    async with started(tron_cluster, url, tmp_path) as second:
        assert (await second.finished(id))["txHash"] == read_tx(data).txid.hex()


async def test_balances_come_from_the_node(on_tron: Running) -> None:
    for asset, total in (("TRX", 1000), ("USDT", 500)):
        made = (await on_tron.call("POST", f"/v1/vault/accounts/0/{asset}", {})).json()
        assert made["address"] == address(on_tron.cluster)
        found = (await on_tron.call("GET", f"/v1/vault/accounts/0/{asset}")).json()
        assert (float(found["total"]), int(found["blockHeight"])) == (total, 1000)


async def test_fields_of_gas_are_refused(on_tron: Running) -> None:
    for name in ("gasLimit", "gasPrice", "maxFee", "priorityFee"):
        response = await on_tron.call("POST", "/v1/transactions", payment(**{name: "1"}))
        assert (response.status_code, name in response.text) == (400, True)


async def status(running: Running, id: str) -> str:
    return str((await running.call("GET", f"/v1/transactions/{id}")).json()["status"])


async def until(running: Running, id: str, wanted: str) -> None:
    for _ in range(500):
        if await status(running, id) == wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{id} never became {wanted}")
