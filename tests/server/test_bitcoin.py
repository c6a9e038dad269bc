"""Bitcoin transfers over HTTP, signed by whole keys, accepted and mined by libbitcoinkernel."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quorate.core.chains.bitcoin import address
from quorate.core.chains.bitcoin.attach import Signature, attach
from quorate.core.chains.bitcoin.build import Payment, Utxo, build
from quorate.core.chains.bitcoin.holding import below_root
from quorate.core.chains.bitcoin.networks import KINDS
from quorate.core.chains.to_sign import BITCOIN_PSBT, TO_SIGN, Payer
from quorate.core.dialects.fireblocks import holding_addresses
from quorate.server.service import orphan
from tests.judge.cluster import KIOSK, Cluster, payment
from tests.server.chains.front import Asked, Front, Reply
from tests.server.chains.kernel import COIN, NETWORK, Kernel, virtual_size
from tests.server.chains.kernel_front import RATE, nodes
from tests.server.running import Running, serve
from tests.server.signers import PolicyRefuser, RefusingRelease, SilentAtOpen, WillingSigner
from tests.server.whole_keys import sign

CHAIN = "bitcoin:regtest"
SCRIPT = address.to_script(KIOSK, NETWORK)


@dataclass
class Bank:
    """A running server with vault accounts 0 and 1, and the chain that it speaks to."""

    running: Running
    kernel: Kernel
    url: str
    front: Front

    @property
    def accounts(self) -> tuple[str, str]:
        return self.running.cluster.address("0", "BTC"), self.running.cluster.address("1", "BTC")

    @property
    def change(self) -> str:
        cluster = self.running.cluster
        return holding_addresses(cluster.charter, cluster.keys, "BTC", "0")[1]

    def fund(self, *satoshis: int) -> list[str]:
        return [self.kernel.pay((self.accounts[0], amount)) for amount in satoshis]

    async def mined(self, id: str, within: float = 30.0) -> dict[str, Any]:
        """Mines until the transaction is finished."""
        async with asyncio.timeout(within):
            while True:
                if self.kernel.pool:
                    self.kernel.mine()
                found: dict[str, Any] = (await self.running.call("GET", f"/v1/transactions/{id}")).json()
                if found["status"] in ("COMPLETED", "FAILED", "BLOCKED", "REJECTED", "CANCELLED"):
                    return found
                await asyncio.sleep(0.02)

    async def until(self, id: str, status: str, running: Running | None = None) -> dict[str, Any]:
        for _ in range(600):
            found: dict[str, Any] = (
                await (running or self.running).call("GET", f"/v1/transactions/{id}")
            ).json()
            if found["status"] == status:
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"{id} never became {status}: {found}")

    async def balance(self, account: str = "0") -> float:
        answer = await self.running.call("POST", f"/v1/vault/accounts/{account}/BTC/balance", {})
        return float(answer.json()["total"])


@pytest.fixture(params=["esplora", "core"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    folder = tmp_path / "kernel"
    folder.mkdir()
    return Kernel(folder)


@pytest.fixture
async def bank(cluster: Cluster, kernel: Kernel, kind: str, tmp_path: Path) -> AsyncIterator[Bank]:
    with nodes(kernel, kind) as (url, front):
        async with serve(cluster, tmp_path, chains={CHAIN: (url,)}) as running:
            await running.attach()
            for name in ("treasury", "hot"):
                await running.call("POST", "/v1/vault/accounts", {"name": name})
            for account in ("0", "1"):
                await running.call("POST", f"/v1/vault/accounts/{account}/BTC", {})
            yield Bank(running, kernel, url, front)


async def test_a_transfer_is_signed_accepted_and_confirmed(bank: Bank) -> None:
    bank.fund(COIN)
    found = await bank.mined(await bank.running.submit(payment("0.25")))
    assert (found["status"], found["assetId"], found["assetType"]) == ("COMPLETED", "BTC", "BASE_ASSET")
    tx = bank.kernel.mined[found["txHash"]]
    assert sorted(output.amount for output in tx.outputs) == [COIN // 4, COIN * 3 // 4 - tx.fee]
    assert next(o.script for o in tx.outputs if o.amount == COIN // 4) == SCRIPT
    assert found["sourceAddress"] == bank.accounts[0]
    assert found["blockInfo"] == {
        "blockHeight": str(tx.height),
        "blockHash": bank.kernel.hashes[tx.height or 0],
    }
    assert round(float(found["networkFee"]) * COIN) == tx.fee
    assert float(found["feeInfo"]["networkFee"]) * COIN == pytest.approx(tx.fee)
    assert RATE * 140 <= tx.fee <= RATE * 142
    assert found["numOfConfirmations"] >= 1
    assert "nonce" not in found


async def test_change_comes_back_and_counts(bank: Bank) -> None:
    bank.fund(COIN)
    assert await bank.balance() == 1.0
    found = await bank.mined(await bank.running.submit(payment("0.25")))
    assert await bank.balance() == pytest.approx(0.75 - float(found["networkFee"]))
    assert [output.amount for _, output, _ in bank.kernel.unspent(bank.change)] == [
        round((0.75 - float(found["networkFee"])) * COIN)
    ]
    again = await bank.mined(await bank.running.submit(payment("0.7")))
    assert again["status"] == "COMPLETED"
    assert bank.kernel.mined[again["txHash"]].inputs[0][0] == found["txHash"]


async def test_between_own_accounts_and_to_itself(bank: Bank) -> None:
    """What goes to the payer's own address is a payment, and no change."""
    bank.fund(COIN)
    for account, amount in (("1", "0.25"), ("0", "0.125")):
        destination = {"type": "VAULT_ACCOUNT", "id": account}
        found = await bank.mined(await bank.running.submit(payment(amount, destination=destination)))
        assert found["status"] == "COMPLETED"
        assert found["destinationAddress"] == bank.accounts[int(account)]
    assert await bank.balance("1") == 0.25
    assert await bank.balance("0") == pytest.approx(0.75, abs=0.00001)
    assert {output.amount for _, output, _ in bank.kernel.unspent(bank.accounts[0])} == {COIN // 8}


async def test_many_coins_take_many_signatures(bank: Bank) -> None:
    bank.fund(*[COIN // 10] * 16)
    found = await bank.mined(await bank.running.submit(payment("1.5")))
    assert found["status"] == "COMPLETED"
    assert len(bank.kernel.mined[found["txHash"]].inputs) == 16
    message = bank.running.signers["signer-1"].opened[-1]
    assert len(message.bytes) < 1 << 16


def of_kind(bank: Bank, kind: str, change: bool = False) -> str:
    return holding_addresses(bank.running.cluster.charter, bank.running.cluster.keys, "BTC", "0")[
        2 * KINDS.index(kind) + change
    ]


@pytest.mark.parametrize("kind_of_coin", KINDS)
async def test_coins_of_each_kind_pay_alone(bank: Bank, kind_of_coin: str) -> None:
    """Receiving and change; the fee is what the kind weighs, and the change goes to one place."""
    for change in (False, True):
        bank.kernel.pay((of_kind(bank, kind_of_coin, change), COIN))
    assert await bank.balance() == 2.0
    found = await bank.mined(await bank.running.submit(payment("1.5")))
    assert found["status"] == "COMPLETED", found
    tx = bank.kernel.mined[found["txHash"]]
    assert RATE * (virtual_size(tx) - 1) < tx.fee <= RATE * (virtual_size(tx) + 4)
    assert [output.amount for _, output, _ in bank.kernel.unspent(bank.change)] == [COIN // 2 - tx.fee]
    assert await bank.balance() == pytest.approx(0.5 - tx.fee / COIN)


async def test_one_transaction_spends_every_kind(bank: Bank) -> None:
    for kind in KINDS:
        bank.kernel.pay((of_kind(bank, kind), COIN), (of_kind(bank, kind, True), COIN // 2))
    found = await bank.mined(await bank.running.submit(payment("5.9")))
    assert found["status"] == "COMPLETED", found
    tx = bank.kernel.mined[found["txHash"]]
    assert len(tx.inputs) == 2 * len(KINDS)
    assert RATE * (virtual_size(tx) - 1) < tx.fee <= RATE * (virtual_size(tx) + 12)


async def test_concurrent_transfers_never_spend_one_coin(bank: Bank) -> None:
    bank.fund(*[COIN] * 4)
    ids = await asyncio.gather(*(bank.running.submit(payment("0.6")) for _ in range(4)))
    found = [await bank.mined(id, 60) for id in ids]
    assert [each["status"] for each in found] == ["COMPLETED"] * 4
    spent = [coin for each in found for coin in bank.kernel.mined[each["txHash"]].inputs]
    assert len(spent) == len(set(spent)) >= 4


async def test_transfers_follow_one_another_over_unmined_change(bank: Bank) -> None:
    """One coin carries a whole series before any of it is mined."""
    bank.fund(COIN)
    ids = await asyncio.gather(*(bank.running.submit(payment("0.1")) for _ in range(5)))
    rows = [await bank.until(id, "CONFIRMING") for id in ids]
    assert {row["txHash"] for row in rows} == set(bank.kernel.pool)
    bank.kernel.mine()
    found = [await bank.running.finished(id) for id in ids]
    assert [each["status"] for each in found] == ["COMPLETED"] * 5
    assert len(bank.kernel.unspent(KIOSK)) == 5


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (payment("2"), "insufficient_funds"),
        (payment("1"), "insufficient_funds"),
        (payment("0.5", source={"type": "VAULT_ACCOUNT", "id": "1"}), "insufficient_funds"),
        (payment("0.5", networkFee="0.00000100"), "fee_ceiling"),
        (payment("0.00000293"), "dust"),
    ],
)
async def test_what_cannot_be_built_fails_clearly_before_any_vote(
    bank: Bank, body: dict[str, object], reason: str
) -> None:
    bank.fund(COIN)
    found = await bank.running.finished(await bank.running.submit(body))
    assert (found["status"], found["subStatus"]) == ("FAILED", reason)
    assert not any(signer.opened for signer in bank.running.signers.values())
    assert not bank.kernel.pool


async def test_no_payment_to_the_own_change_address(bank: Bank) -> None:
    bank.fund(COIN)
    for kind in KINDS:
        to = {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": of_kind(bank, kind, True)}}
        found = await bank.running.finished(await bank.running.submit(payment("0.5", destination=to)))
        assert (found["status"], found["subStatus"]) == ("FAILED", "unbuildable")


async def test_a_refused_transfer_frees_its_coins(bank: Bank) -> None:
    bank.fund(COIN)
    await _replace(bank.running, PolicyRefuser)
    refused = await bank.running.finished(await bank.running.submit(payment("0.5")))
    assert refused["status"] == "BLOCKED"
    await _replace(bank.running, WillingSigner)
    found = await bank.mined(await bank.running.submit(payment("0.5")))
    assert found["status"] == "COMPLETED"


async def test_coins_stay_taken_over_a_restart(bank: Bank, cluster: Cluster, tmp_path: Path) -> None:
    """Built and signed, and no node takes it: the next server neither loses it nor spends its coins again."""
    bank.fund(COIN, COIN)
    bank.kernel.closed = "the pool is full"
    first = await bank.running.submit(payment("0.9"))
    row = await bank.until(first, "BROADCASTING")
    for signer in bank.running.signers.values():
        await signer.detach()
    await bank.running.server.runner.stop()
    async with serve(cluster, tmp_path, chains={CHAIN: (bank.url,)}) as restarted:
        await restarted.attach()
        second = await restarted.submit(payment("0.9"))
        other = await bank.until(second, "BROADCASTING", restarted)
        bank.kernel.closed = ""
        for id, before in ((first, row), (second, other)):
            after = await bank.until(id, "CONFIRMING", restarted)
            assert after["txHash"] == before["txHash"]
        spent = [coin for tx in bank.kernel.pool.values() for coin in tx.inputs]
        assert len(spent) == len(set(spent)) == 2
        bank.kernel.mine()
        for id in (first, second):
            assert (await restarted.finished(id))["status"] == "COMPLETED"


async def test_coins_stay_taken_from_the_moment_of_the_bytes(
    bank: Bank, cluster: Cluster, tmp_path: Path
) -> None:
    """Built, and no signer voted: the next server signs the same bytes, and spends other coins for others."""
    bank.fund(COIN, COIN)
    await _replace(bank.running, SilentAtOpen)
    first = await bank.running.submit(payment("0.9"))
    await bank.until(first, "PENDING_SIGNATURE")
    seen = {message.bytes for signer in bank.running.signers.values() for message in signer.opened}
    for signer in bank.running.signers.values():
        await signer.detach()
    await bank.running.server.runner.stop()
    async with serve(cluster, tmp_path, chains={CHAIN: (bank.url,)}) as restarted:
        await restarted.attach()
        second = await restarted.submit(payment("0.9"))
        rows = [await bank.until(id, "CONFIRMING", restarted) for id in (first, second)]
        spent = [coin for row in rows for coin in bank.kernel.pool[row["txHash"]].inputs]
        assert len(spent) == len(set(spent)) == 2
        opened = [message for signer in restarted.signers.values() for message in signer.opened]
        assert seen < {message.bytes for message in opened}
        bank.kernel.mine()
        for id in (first, second):
            assert (await restarted.finished(id))["status"] == "COMPLETED"


async def test_a_coin_spent_elsewhere_ends_a_transfer(bank: Bank) -> None:
    """Another wallet of the same key was faster."""
    bank.fund(COIN)
    id = await bank.running.submit(payment("0.5"))
    row = await bank.until(id, "CONFIRMING")
    coin = bank.kernel.pool[row["txHash"]].inputs[0]
    bank.kernel.drop(row["txHash"])
    _spend_elsewhere(bank, coin)
    found = await bank.running.finished(id, 60)
    assert (found["status"], found["subStatus"]) == ("FAILED", "replaced")


async def test_what_a_pool_forgot_is_sent_again(bank: Bank) -> None:
    bank.fund(COIN)
    id = await bank.running.submit(payment("0.5"))
    row = await bank.until(id, "CONFIRMING")
    bank.kernel.drop(row["txHash"])
    found = await bank.mined(id, 60)
    assert (found["status"], found["txHash"]) == ("COMPLETED", row["txHash"])


async def test_a_chain_that_is_down_is_waited_for(bank: Bank) -> None:
    bank.fund(COIN)
    bank.kernel.down = True
    id = await bank.running.submit(payment("0.5"))
    await asyncio.sleep(0.5)
    assert (await bank.running.call("GET", f"/v1/transactions/{id}")).json()["status"] == "QUEUED"
    bank.kernel.down = False
    assert (await bank.mined(id))["status"] == "COMPLETED"


async def test_a_source_that_lies_about_a_coin_gets_no_vote(bank: Bank) -> None:
    """Signers would refuse the previous transaction; the server does not ask them."""
    other = bank.fund(COIN // 2, COIN)[0]
    honest = bank.front.answer

    def lying(asked: Asked) -> Reply:
        if asked.path.endswith("/hex"):
            asked.path = f"/tx/{other}/hex"
        elif b"getrawtransaction" in asked.body:
            asked.body = json.dumps({**asked.json, "params": [other, 0]}).encode()
        return honest(asked)

    bank.front.answer = lying
    id = await bank.running.submit(payment("0.9"))
    await asyncio.sleep(1.0)
    assert not any(signer.opened for signer in bank.running.signers.values())
    bank.front.answer = honest
    assert (await bank.mined(id))["status"] == "COMPLETED"


async def test_a_released_transfer_is_not_called_failed_while_it_can_execute(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shares may be out, and no signature came: it stays open until its coin is spent by something else."""
    monkeypatch.setattr(orphan, "ASK_EVERY", 0.2)
    bank.fund(COIN)
    await _replace(bank.running, RefusingRelease)
    id = await bank.running.submit(payment("0.5"))
    await _held(bank, id)
    bank.kernel.mine()
    assert (await bank.until(id, "PENDING_SIGNATURE"))["systemMessages"][0]["type"] == "WARN"
    (coin,) = bank.kernel.unspent(bank.accounts[0])
    _spend_elsewhere(bank, coin[0])
    found = await bank.running.finished(id)
    assert (found["status"], found["txHash"]) == ("FAILED", "")


async def test_a_held_coin_is_taken_last(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signers that released a share for it would refuse; these did not."""
    monkeypatch.setattr(orphan, "ASK_EVERY", 0.2)
    bank.fund(COIN)
    await _replace(bank.running, RefusingRelease)
    first = await bank.running.submit(payment("0.5"))
    await _held(bank, first)
    (held,) = bank.kernel.unspent(bank.accounts[0])
    await _replace(bank.running, WillingSigner)
    bank.fund(COIN // 2)
    second = await bank.mined(await bank.running.submit(payment("0.4")))
    assert held[0] not in bank.kernel.mined[second["txHash"]].inputs
    third = await bank.mined(await bank.running.submit(payment("0.9")))
    assert third["status"] == "COMPLETED", third
    assert held[0] in bank.kernel.mined[third["txHash"]].inputs
    assert (await bank.running.finished(first))["status"] == "FAILED"


def _spend_elsewhere(bank: Bank, coin: tuple[str, int]) -> None:
    """With the whole key of account 0, past every signer."""
    cluster, tx = bank.running.cluster, bank.kernel.mined[coin[0]]
    key = cluster.keys["ecdsa"]
    path = (84, 1, 0, 0, 0)
    own = below_root(key.public_key, key.chain_code, path)
    utxo = Utxo(*coin, tx.outputs[coin[1]].amount, own, tx.raw)
    made = build(
        [utxo], [Payment(KIOSK, 10_000)], own, network=NETWORK, fee_rate=9_000, fee_ceiling=COIN, max_inputs=1
    )
    payer = Payer(CHAIN, path, key.public_key, key.chain_code)
    signed = [sign(cluster, item) for item in TO_SIGN[BITCOIN_PSBT](made.psbt, payer)]
    raw, _ = attach(made.psbt, [[Signature(each.public_key, each.signature)] for each in signed])
    bank.kernel.accept(raw)
    bank.kernel.mine()


async def _held(bank: Bank, id: str) -> None:
    """Returns once every signer was asked again for a result, and had none."""
    for _ in range(600):
        found = (await bank.running.call("GET", f"/v1/transactions/{id}")).json()
        if found["systemMessages"]:
            assert found["status"] == "PENDING_SIGNATURE"
            await asyncio.sleep(1.5)
            return
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def _replace(running: Running, kind: type[WillingSigner]) -> None:
    for signer in running.signers.values():
        await signer.detach()
    await running.attach(kind)
