"""Fee bump and cancel on a real chain: one version of a transaction takes effect, and the row says which."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from quorate.client.demo.chain import Chain
from quorate.core.chains.evm.decode import decode
from tests.judge.cluster import SHOP, Cluster, transfer
from tests.server.running import Running, serve
from tests.server.signers import PolicyRefuser, WillingSigner


@contextmanager
def unmined(chain: Chain) -> Iterator[None]:
    """Transactions wait in the pool."""
    chain.call("evm_setAutomine", False)
    try:
        yield
    finally:
        chain.call("evm_setAutomine", True)
        chain.call("evm_mine")


async def until(running: Running, id: str, **wanted: Any) -> dict[str, Any]:
    for _ in range(1000):
        found: dict[str, Any] = (await running.call("GET", f"/v1/transactions/{id}")).json()
        if all(found.get(name) == value for name, value in wanted.items()):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"{wanted} is not seen: {found}")


async def waiting(running: Running, body: dict[str, object] | None = None) -> dict[str, Any]:
    """A transfer that a node has and nobody mines."""
    id = await running.submit(body or transfer("0.01"))
    return await until(running, id, status="CONFIRMING")


async def drop(running: Running, id: str) -> Any:
    return await running.call("POST", f"/v1/transactions/{id}/drop", {"txId": id, "feeLevel": "HIGH"})


async def dearer(running: Running, row: dict[str, Any], amount: str = "0.01", **changes: object) -> Any:
    return await running.call(
        "POST", "/v1/transactions", transfer(amount, replaceTxByHash=row["txHash"], **changes)
    )


def held(chain: Chain, address: str) -> int:
    return int(chain.call("eth_getBalance", address, "latest"), 16)


async def test_a_fee_bump_is_the_same_transaction_under_another_hash(on_chain: Running, chain: Chain) -> None:
    before = held(chain, SHOP)
    with unmined(chain):
        row = await waiting(on_chain)
        answer = await dearer(on_chain, row)
        assert (answer.status_code, answer.json()["id"]) == (200, row["id"])
        bumped = await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
    found = await on_chain.finished(row["id"])
    assert (found["status"], found["txHash"]) == ("COMPLETED", bumped["txHash"])
    assert found["txHash"] != row["txHash"]
    assert held(chain, SHOP) - before == 10**16
    opened = [message for signer in on_chain.signers.values() for message in signer.opened]
    first, second = (decode(data) for data in dict.fromkeys(message.bytes for message in opened))
    assert (first.nonce, first.effects) == (second.nonce, second.effects)
    assert second.max_fee >= first.max_fee * 9 // 8
    assert {tuple(m.earlier) for m in opened if decode(m.bytes) == second} == {(opened[0].bytes,)}


async def test_what_is_taken_back_is_not_paid(on_chain: Running, chain: Chain) -> None:
    before = held(chain, SHOP)
    with unmined(chain):
        row = await waiting(on_chain)
        answer = await drop(on_chain, row["id"])
        assert answer.json() == {"txStatus": "CONFIRMING", "txId": row["id"], "replacedTxHash": row["txHash"]}
        await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
        again = await dearer(on_chain, row)
        assert (again.status_code, again.json()["code"]) == (409, 1445)
    found = await on_chain.finished(row["id"])
    assert (found["status"], found["subStatus"]) == ("FAILED", "dropped")
    assert held(chain, SHOP) == before
    assert (await drop(on_chain, row["id"])).status_code == 409


async def test_the_earlier_version_may_win(on_chain: Running, chain: Chain) -> None:
    """Both are out; the chain decides."""
    with unmined(chain):
        row = await waiting(on_chain)
        raw = await _raw(on_chain, row["id"])
        await drop(on_chain, row["id"])
        cancel = await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
        chain.call("anvil_dropTransaction", cancel["txHash"])
        chain.call("eth_sendRawTransaction", "0x" + raw.hex())
    found = await on_chain.finished(row["id"])
    assert (found["status"], found["txHash"]) == ("COMPLETED", row["txHash"])


async def test_only_the_fee_is_replaced(on_chain: Running, chain: Chain) -> None:
    with unmined(chain):
        row = await waiting(on_chain)
        for body in (
            {"amount": "0.02"},
            {"source": {"type": "VAULT_ACCOUNT", "id": "1"}},
            {"assetId": "USDC"},
            {"externalTxId": "another"},
        ):
            answer = await dearer(on_chain, row, **body)  # type: ignore[arg-type]
            assert (answer.status_code, answer.json()["code"]) == (409, 1443), body
        unknown = await on_chain.call(
            "POST", "/v1/transactions", transfer("0.01", replaceTxByHash="0x" + "11" * 32)
        )
        assert unknown.status_code == 404
        low = await dearer(on_chain, row, networkFee="0.000000000000000001")
        assert (low.status_code, low.json()["code"]) == (400, 1446)
        for wrong in (7, "", None, {}):
            answer = await on_chain.call("POST", "/v1/transactions", transfer("0.01", replaceTxByHash=wrong))
            assert answer.status_code == 400
    found = await on_chain.finished(row["id"])
    assert (found["status"], found["txHash"]) == ("COMPLETED", row["txHash"])


async def test_signers_that_refuse_leave_the_first_bytes_on_their_way(
    on_chain: Running, chain: Chain
) -> None:
    with unmined(chain):
        row = await waiting(on_chain)
        for signer in on_chain.signers.values():
            await signer.detach()
        await on_chain.attach(PolicyRefuser)
        assert (await dearer(on_chain, row)).status_code == 200
        for _ in range(500):
            found = (await on_chain.call("GET", f"/v1/transactions/{row['id']}")).json()
            if found["systemMessages"]:
                break
            await asyncio.sleep(0.02)
        assert found["systemMessages"][0]["message"] == "not replaced"
        for signer in on_chain.signers.values():
            await signer.detach()
        await on_chain.attach(WillingSigner)
        assert (await dearer(on_chain, row)).status_code == 200
        bumped = await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
    assert (await on_chain.finished(row["id"]))["txHash"] == bumped["txHash"]


async def test_versions_survive_a_restart(
    cluster: Cluster, chain: Chain, tmp_path: Path, on_chain: Running
) -> None:
    with unmined(chain):
        row = await waiting(on_chain)
        await dearer(on_chain, row)
        bumped = await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
        async with serve(cluster, tmp_path, chains={"evm:31337": (chain.url,)}) as restarted:
            await restarted.attach()
            await drop(restarted, row["id"])
            await until(restarted, row["id"], replacedTxHash=bumped["txHash"], status="CONFIRMING")
            chain.call("evm_mine")
            found = await restarted.finished(row["id"])
            assert (found["status"], found["subStatus"]) == ("FAILED", "dropped")


async def test_what_is_not_signed_is_not_replaced(server: Running) -> None:
    await server.call("POST", "/v1/vault/accounts", {"name": "treasury"})
    assert (await drop(server, "nothing")).status_code == 404


async def _raw(running: Running, id: str) -> bytes:
    from quorate.server.store import transactions

    row = await running.server.database.read(lambda connection: transactions.get(connection, id))
    assert row is not None
    assert row.raw_transaction is not None
    return row.raw_transaction
