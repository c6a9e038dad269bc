"""Transfers on a real chain: nonces without gaps, clear failures, the same bytes."""

import asyncio
from pathlib import Path

import pytest

from quorate.client.demo.chain import Chain
from quorate.core.chains.evm.decode import decode
from tests.judge.cluster import SHOP, TOKEN, Cluster, transfer
from tests.server.running import Running, serve
from tests.server.signers import PolicyRefuser, WillingSigner

TO_SHOP = {"type": "EXTERNAL_WALLET", "id": "shop"}


async def test_concurrent_transfers_of_one_account_leave_no_gap(on_chain: Running, chain: Chain) -> None:
    first = int(chain.call("eth_getTransactionCount", on_chain.cluster.address("0"), "latest"), 16)
    ids = await asyncio.gather(*(on_chain.submit(transfer("0.01")) for _ in range(12)))
    found = await asyncio.gather(*(on_chain.finished(id, 60) for id in ids))
    assert [each["status"] for each in found] == ["COMPLETED"] * 12
    assert sorted(int(each["nonce"]) for each in found) == list(range(first, first + 12))
    assert len({each["txHash"] for each in found}) == 12


async def test_a_refused_transfer_gives_its_nonce_back(on_chain: Running) -> None:
    await _replace(on_chain, PolicyRefuser)
    refused = await on_chain.finished(await on_chain.submit(transfer("0.01")))
    assert refused["status"] == "BLOCKED"
    await _replace(on_chain, WillingSigner)
    found = await on_chain.finished(await on_chain.submit(transfer("0.01")))
    assert (found["status"], found["nonce"]) == ("COMPLETED", refused["nonce"])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (transfer("1000000"), "insufficient_funds"),
        (transfer("1", assetId="USDC", source={"type": "VAULT_ACCOUNT", "id": "1"}), "insufficient_funds"),
        (transfer("5000", assetId="USDC"), "insufficient_funds"),
        (transfer("0.01", networkFee="0.000000000000000001"), "fee_ceiling"),
        (
            transfer("0.01", destination={"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": TOKEN}}),
            "execution_reverted",
        ),
    ],
)
async def test_what_cannot_be_built_fails_clearly_before_any_vote(
    on_chain: Running, body: dict[str, object], reason: str
) -> None:
    found = await on_chain.finished(await on_chain.submit(body))
    assert (found["status"], found["subStatus"]) == ("FAILED", reason)
    assert found["systemMessages"][0]["type"] == "BLOCK"
    assert not any(signer.opened for signer in on_chain.signers.values())


async def test_the_bytes_say_what_was_asked(on_chain: Running) -> None:
    found = await on_chain.finished(await on_chain.submit(transfer("0.5")))
    bytes_seen = {message.bytes for signer in on_chain.signers.values() for message in signer.opened}
    (data,) = bytes_seen
    built = decode(data)
    assert [(effect.to, effect.amount) for effect in built.effects] == [(SHOP, 5 * 10**17)]
    assert built.fee <= 10**16
    assert str(built.nonce) == found["nonce"]


async def test_nonces_survive_a_restart(
    cluster: Cluster, chain: Chain, tmp_path: Path, on_chain: Running
) -> None:
    chain.call("evm_setAutomine", False)
    try:
        ids = [await on_chain.submit(transfer("0.01")) for _ in range(3)]
        rows = [await _until(on_chain, id, "CONFIRMING") for id in ids]
        async with serve(cluster, tmp_path, chains={"evm:31337": (chain.url,)}) as restarted:
            await restarted.attach()
            fourth = await restarted.submit(transfer("0.01"))
            row = await _until(restarted, fourth, "CONFIRMING")
            assert int(row["nonce"]) == int(rows[-1]["nonce"]) + 1
            chain.call("evm_mine")
            chain.call("evm_setAutomine", True)
            for id in (*ids, fourth):
                assert (await restarted.finished(id))["status"] == "COMPLETED"
    finally:
        chain.call("evm_setAutomine", True)


async def test_a_transfer_whose_nonce_is_taken_fails_clearly(on_chain: Running, chain: Chain) -> None:
    """Another wallet with the same key was faster: this one can never execute."""
    chain.call("evm_setAutomine", False)
    address = on_chain.cluster.address("0")
    try:
        id = await on_chain.submit(transfer("0.01"))
        row = await _until(on_chain, id, "CONFIRMING")
        chain.call("anvil_dropTransaction", row["txHash"])
        chain.call("anvil_setNonce", address, hex(int(row["nonce"]) + 1))
        chain.call("evm_mine")
    finally:
        chain.call("evm_setAutomine", True)
    found = await on_chain.finished(id, 60)
    assert (found["status"], found["subStatus"]) == ("FAILED", "replaced")


async def test_balances_come_from_the_chain(on_chain: Running) -> None:
    for account, asset in (("0", "ETH"), ("0", "USDC"), ("1", "USDC")):
        await on_chain.call("POST", f"/v1/vault/accounts/{account}/{asset}", {})
    found = (await on_chain.call("GET", "/v1/vault/accounts/0/USDC")).json()
    assert float(found["total"]) > 0
    assert found["available"] == found["total"]
    assert int(found["blockHeight"]) >= 0
    assert (await on_chain.call("POST", "/v1/vault/accounts/1/USDC/balance", {})).json()["id"] == "USDC"
    account = (await on_chain.call("GET", "/v1/vault/accounts/0")).json()
    assert {asset["id"] for asset in account["assets"]} == {"ETH", "USDC"}


async def _replace(running: Running, kind: type[WillingSigner]) -> None:
    for signer in running.signers.values():
        await signer.detach()
    await running.attach(kind)


async def _until(running: Running, id: str, status: str) -> dict[str, str]:
    for _ in range(500):
        found: dict[str, str] = (await running.call("GET", f"/v1/transactions/{id}")).json()
        if found["status"] == status:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"{id} never became {status}: {found}")
