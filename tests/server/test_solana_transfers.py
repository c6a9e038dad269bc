"""Transfers on the real Solana runtime: executed, clear failures, and messages that die of age."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from quorate.client.approver import agree
from quorate.client.approver.asked import fetch
from quorate.core.chains import base58
from quorate.core.chains.solana.decode import decode
from quorate.core.errors import QuorateError
from quorate.server import clock
from quorate.server.chains.networks import GENESIS
from tests.judge.cluster import ALLOW_ALL, ASKED, PEOPLE
from tests.judge.solana_cluster import BOB, CHAIN, MINTS, SolanaCluster, pay
from tests.server.chains.front import front, rpc
from tests.server.running import QUICK, Running, serve
from tests.server.signers import GoneAtRelease, PolicyRefuser, SilentAtOpen, WillingSigner
from tests.server.solana_node import SolanaNode
from tests.server.test_approvals import asked, say

SOL = 10**9
FEE = 5050
TO_FRESH = base58.encode(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
"""A public key of RFC 8032: nobody here holds it, and it has no account."""


@pytest.fixture(scope="module")
def cluster() -> SolanaCluster:
    return SolanaCluster(ALLOW_ALL)


@pytest.fixture
def node() -> Iterator[SolanaNode]:
    running = SolanaNode()
    yield running
    running.close()


@pytest.fixture
async def on_chain(cluster: SolanaCluster, node: SolanaNode, tmp_path: Path) -> AsyncIterator[Running]:
    """Willing signers, and vault account 0 with 10 SOL and 1,000 of each token."""
    node.fund(cluster.solana_address("0"), 10 * SOL)
    for standard in MINTS:
        node.issue(standard, cluster.solana_address("0"), 1_000_000_000)
    async with serve(cluster, tmp_path, chains={CHAIN: (node.url,)}, timeouts=QUICK) as running:
        await running.attach()
        for name in ("treasury", "hot"):
            assert (await running.call("POST", "/v1/vault/accounts", {"name": name})).status_code == 200
        yield running


def one_time(address: str) -> dict[str, Any]:
    return {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": address}}


async def attach(running: Running, kind: Any) -> None:
    for signer in running.signers.values():
        await signer.detach()
    await running.attach(kind)


def opened(running: Running) -> list[bytes]:
    """The different bytes that signers were shown."""
    seen = dict.fromkeys(m.bytes for signer in running.signers.values() for m in signer.opened)
    return list(seen)


async def row(running: Running, id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await running.call("GET", f"/v1/transactions/{id}")).json()
    return found


async def test_sol_moves(on_chain: Running, node: SolanaNode, cluster: SolanaCluster) -> None:
    before = node.lamports(BOB)
    found = await on_chain.finished(await on_chain.submit(pay("3.000000001")))
    assert (found["status"], found["subStatus"]) == ("COMPLETED", "")
    assert len(base58.decode(found["txHash"])) == 64
    assert node.lamports(BOB) == before + 3 * SOL + 1
    assert node.lamports(cluster.solana_address("0")) == 7 * SOL - 1 - FEE


@pytest.mark.parametrize("standard", list(MINTS))
async def test_tokens_move(
    on_chain: Running, node: SolanaNode, cluster: SolanaCluster, standard: str
) -> None:
    """To a wallet without an account for them, and once more when it has one."""
    for total in (1_500_000, 3_000_000):
        found = await on_chain.finished(await on_chain.submit(pay("1.5", f"COIN-{standard}")))
        assert found["status"] == "COMPLETED", found
        assert node.tokens(standard, BOB) == total
    assert node.tokens(standard, cluster.solana_address("0")) == 1_000_000_000 - 3_000_000


async def test_between_own_accounts(on_chain: Running, node: SolanaNode, cluster: SolanaCluster) -> None:
    to = {"type": "VAULT_ACCOUNT", "id": "1"}
    found = await on_chain.finished(await on_chain.submit(pay("2", destination=to)))
    assert found["status"] == "COMPLETED"
    assert node.lamports(cluster.solana_address("1")) == 2 * SOL


async def test_equal_payments_are_different_messages(on_chain: Running, node: SolanaNode) -> None:
    before = node.lamports(BOB)
    ids = await asyncio.gather(*(on_chain.submit(pay("0.5")) for _ in range(4)))
    found = await asyncio.gather(*(on_chain.finished(id) for id in ids))
    assert [each["status"] for each in found] == ["COMPLETED"] * 4
    assert len({each["txHash"] for each in found}) == len(opened(on_chain)) == 4
    assert len({decode(data, {}).blockhash for data in opened(on_chain)}) == 1
    assert node.lamports(BOB) == before + 2 * SOL


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (pay("10"), "insufficient_funds"),
        (pay("9.9995"), "insufficient_funds"),
        (pay("0.1", source={"type": "VAULT_ACCOUNT", "id": "1"}), "insufficient_funds"),
        (pay("1000.000001", "COIN-spl"), "insufficient_funds"),
        (pay("1", "COIN-spl", source={"type": "VAULT_ACCOUNT", "id": "1"}), "insufficient_funds"),
        (pay("1", networkFee="0.000004999"), "fee_ceiling"),
        (pay("1", "COIN-spl", networkFee="0.002044279"), "fee_ceiling"),
        (pay("0.0008", destination=one_time(TO_FRESH)), "execution_reverted"),
    ],
)
async def test_what_cannot_be_built_fails_clearly_before_any_vote(
    on_chain: Running, body: dict[str, object], reason: str
) -> None:
    found = await on_chain.finished(await on_chain.submit(body))
    assert (found["status"], found["subStatus"]) == ("FAILED", reason), found
    assert opened(on_chain) == []


async def test_the_price_gives_way_to_the_ceiling(on_chain: Running, node: SolanaNode) -> None:
    for body, most in (
        (pay("1", networkFee="0.000005"), 5_000),
        (pay("1", networkFee="0.00000501"), 5_010),
        (pay("1", "COIN-spl", networkFee="0.00204428"), 5_000),
    ):
        assert (await on_chain.finished(await on_chain.submit(body)))["status"] == "COMPLETED"
        assert decode(opened(on_chain)[-1], {}).fee <= most


async def test_all_may_be_sent_and_nothing_left(
    on_chain: Running, node: SolanaNode, cluster: SolanaCluster
) -> None:
    id = await on_chain.submit(pay("9.999995", networkFee="0.000005"))
    assert (await on_chain.finished(id))["status"] == "COMPLETED"
    assert node.lamports(cluster.solana_address("0")) == 0


@pytest.mark.parametrize(
    "address",
    ["11111111111111111111111111111111", MINTS["spl"] + "1", "0x" + "11" * 20, "1" * 44],
)
async def test_addresses_that_are_no_wallets(on_chain: Running, address: str) -> None:
    answer = await on_chain.call("POST", "/v1/transactions", pay(destination=one_time(address)))
    assert answer.status_code == 400, answer.text


async def test_gas_is_not_of_this_chain(on_chain: Running) -> None:
    answer = await on_chain.call("POST", "/v1/transactions", pay(gasPrice="1", gasLimit="21000"))
    assert answer.status_code == 400
    assert "solana:devnet has no gas" in answer.text


async def test_bytes_that_expired_before_a_vote_are_made_anew(on_chain: Running, node: SolanaNode) -> None:
    await attach(on_chain, SilentAtOpen)
    id = await on_chain.submit(pay())
    async with asyncio.timeout(10):
        while not opened(on_chain):
            await asyncio.sleep(0.02)
    old = opened(on_chain)
    node.expire()
    await attach(on_chain, WillingSigner)
    assert (await on_chain.finished(id))["status"] == "COMPLETED"
    assert old[0] not in [m.bytes for s in on_chain.signers.values() for m in s.opened]


class OneVotes(SilentAtOpen):
    """The first signer votes, the others are silent."""

    def open(self, request: Any) -> Any:
        return WillingSigner.open(self, request) if self.id == "signer-1" else super().open(request)


async def test_bytes_that_expired_after_a_vote_fail(on_chain: Running, node: SolanaNode) -> None:
    await attach(on_chain, OneVotes)
    id = await on_chain.submit(pay())
    async with asyncio.timeout(10):
        while len(on_chain.signers["signer-1"].opened) < 2:
            await asyncio.sleep(0.02)
    node.expire()
    found = await on_chain.finished(id)
    assert (found["status"], found["subStatus"]) == ("FAILED", "expired")
    assert len(opened(on_chain)) == 1


async def test_a_released_request_is_not_called_failed_while_it_could_execute(
    on_chain: Running, node: SolanaNode
) -> None:
    await attach(on_chain, GoneAtRelease)
    id = await on_chain.submit(pay())
    async with asyncio.timeout(20):
        while not any(signer.released for signer in on_chain.signers.values()):
            await asyncio.sleep(0.02)
    await attach(on_chain, PolicyRefuser)
    await asyncio.sleep(3)
    assert (await row(on_chain, id))["status"] == "PENDING_SIGNATURE"
    node.expire()
    found = await on_chain.finished(id)
    assert found["status"] == "FAILED"
    assert "can take effect any more" in found["systemMessages"][0]["message"]


async def test_a_signed_message_that_no_node_took_in_time_fails(on_chain: Running, node: SolanaNode) -> None:
    node.refusing = True
    id = await on_chain.submit(pay())
    async with asyncio.timeout(10):
        while (await row(on_chain, id))["status"] != "BROADCASTING":
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    assert (await row(on_chain, id))["status"] == "BROADCASTING"
    node.expire()
    found = await on_chain.finished(id, 60)
    assert (found["status"], found["subStatus"]) == ("FAILED", "replaced")


@pytest.mark.parametrize(
    ("asset", "kind"), [("SOL", "native_transfer"), ("COIN-token2022", "token_transfer")]
)
async def test_people_see_what_the_bytes_do_and_later_ones_are_signed(
    node: SolanaNode, tmp_path: Path, asset: str, kind: str
) -> None:
    """The approver's own tool decodes them; by the time people have answered their blockhash is dead."""
    asking = SolanaCluster(ASKED, PEOPLE)
    node.fund(asking.solana_address("0"), 10 * SOL)
    node.issue("token2022", asking.solana_address("0"), 1_000_000_000)
    async with serve(asking, tmp_path, chains={CHAIN: (node.url,)}, timeouts=QUICK) as running:
        await running.attach()
        await running.call("POST", "/v1/vault/accounts", {"name": "treasury"})
        id, intent = await asked(running, pay("1.5", asset))
        shown = await asyncio.to_thread(fetch, running.url, [asking.charter], intent, clock.seconds())
        paid = [effect for effect in agree.decoded(shown) if effect["type"] == kind]
        assert [effect["amount"] for effect in paid] == [str(shown.intent.amount)]
        assert opened(running) == []
        node.expire()
        await say(running, intent, "dana", "frank")
        assert (await running.finished(id))["status"] == "COMPLETED"
        assert shown.attempt.data not in opened(running)


async def test_balances_come_from_the_chain(on_chain: Running) -> None:
    for asset, total in (("SOL", "10"), ("COIN-spl", "1000"), ("COIN-token2022", "1000")):
        await on_chain.call("POST", f"/v1/vault/accounts/0/{asset}", {})
        found = (await on_chain.call("GET", f"/v1/vault/accounts/0/{asset}")).json()
        assert float(found["total"]) == float(total)


async def test_a_node_of_another_cluster_is_refused(cluster: SolanaCluster, tmp_path: Path) -> None:
    with front(rpc({"getGenesisHash": GENESIS["solana", "mainnet-beta"]})) as other:
        with pytest.raises(QuorateError) as failure:
            async with serve(cluster, tmp_path, chains={CHAIN: (other.url,)}):
                pass
        assert failure.value.code == "chain_id"
