"""kill -9 between each pair of durable steps: after the restart, exactly one mined transaction, of
the same bytes."""

import asyncio
import contextlib
from pathlib import Path

import httpx2
import pytest

from quorate.client.demo.chain import Chain
from quorate.core.model.charter.chain import document_json
from quorate.core.model.statement import to_json
from quorate.server import faults
from tests.judge.cluster import ASKED, PEOPLE, SHOP, Cluster, raw_eddsa, transfer
from tests.server.conftest import give_tokens
from tests.server.process import Process
from tests.server.test_governance import Following

RAW_POINTS = (
    faults.ROW_STORED,
    faults.ADMISSIONS_STORED,
    faults.RELEASED,
    faults.RESULT_RECEIVED,
    faults.FINISHED,
)
"""RAW takes fewer steps, and shares the others with transfers."""


@pytest.mark.parametrize("fault", faults.TRANSFER)
async def test_a_transfer_is_mined_exactly_once(
    cluster: Cluster, chain: Chain, tmp_path: Path, fault: str
) -> None:
    process = Process(cluster, tmp_path, {"evm:31337": [chain.url]})
    await process.start(fault)
    try:
        chain.fund(cluster.address("0"), 10)
        give_tokens(chain, cluster.address("0"), 0)
        await process.call("POST", "/v1/vault/accounts", {"name": "treasury"})
        before = chain.balance(SHOP)
        with contextlib.suppress(httpx2.HTTPError):
            await process.call("POST", "/v1/transactions", transfer("0.125", externalTxId="once"))
        await process.died()
        await process.start()
        found = await process.finished("once")
        assert found["status"] == "COMPLETED", found
        assert chain.balance(SHOP) - before == 125 * 10**15
        again = await process.call("POST", "/v1/transactions", transfer("0.125", externalTxId="once"))
        assert again.json()["code"] == 1438
        opened = [message for signer in process.signers.values() for message in signer.opened]
        assert len({message.bytes for message in opened}) == 1
        for signer in process.signers.values():
            numbers = [message.session for message in signer.opened]
            assert numbers == sorted(set(numbers)), "a session number was spent twice"
    finally:
        await process.stop()


@pytest.mark.parametrize("fault", faults.REPLACEMENT)
async def test_a_fee_bump_is_carried_on(cluster: Cluster, chain: Chain, tmp_path: Path, fault: str) -> None:
    """The bytes are durable before a signer sees them: none that could take effect are forgotten."""
    process = Process(cluster, tmp_path, {"evm:31337": [chain.url]})
    chain.fund(cluster.address("0"), 10)
    await process.start(fault)
    chain.call("evm_setAutomine", False)
    try:
        await process.call("POST", "/v1/vault/accounts", {"name": "treasury"})
        before = chain.balance(SHOP)
        await process.call("POST", "/v1/transactions", transfer("0.125", externalTxId="bumped"))
        first = await _confirming(process, "")
        with contextlib.suppress(httpx2.HTTPError):
            await process.call("POST", "/v1/transactions", transfer("0.125", replaceTxByHash=first))
        await process.died()
        await process.start()
        second = await _confirming(process, first)
        chain.call("evm_mine")
        found = await process.finished("bumped")
        assert (found["status"], found["txHash"]) == ("COMPLETED", second)
        assert chain.balance(SHOP) - before == 125 * 10**15
    finally:
        chain.call("evm_setAutomine", True)
        await process.stop()


async def _confirming(process: Process, besides: str) -> str:
    """The hash under which the transaction waits in the pool, once it is not the given one."""
    while True:
        row = (await process.call("GET", "/v1/transactions/external_tx_id/bumped")).json()
        if row.get("status") == "CONFIRMING" and row["txHash"] != besides:
            return str(row["txHash"])
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("fault", RAW_POINTS)
async def test_raw_is_signed_after_all(cluster: Cluster, tmp_path: Path, fault: str) -> None:
    process = Process(cluster, tmp_path)
    await process.start(fault)
    try:
        with contextlib.suppress(httpx2.HTTPError):
            await process.call("POST", "/v1/transactions", {**raw_eddsa(), "externalTxId": "raw-1"})
        await process.died()
        await process.start()
        found = await process.finished("raw-1")
        assert (found["status"], len(found["signedMessages"])) == ("COMPLETED", 1)
    finally:
        await process.stop()


@pytest.mark.parametrize("fault", faults.APPROVALS)
async def test_a_request_that_waits_for_people_is_signed_after_all(tmp_path: Path, fault: str) -> None:
    cluster = Cluster(ASKED, PEOPLE)
    process = Process(cluster, tmp_path)
    await process.start(fault)
    try:
        with contextlib.suppress(httpx2.HTTPError):
            await process.call("POST", "/v1/transactions", {**raw_eddsa(), "externalTxId": "asked"})
            intent = await _waiting(process)
            for approver in ("dana", "erin"):
                await _say(process, approver, intent)
        await process.died()
        await process.start()
        intent = await _waiting(process)
        for approver in ("dana", "erin"):
            assert (await _say(process, approver, intent)).status_code in (200, 409)
        found = await process.finished("asked")
        assert (found["status"], len(found["signedMessages"])) == ("COMPLETED", 1)
    finally:
        await process.stop()


async def _waiting(process: Process) -> bytes:
    """The intent of the one request."""
    while True:
        row = (await process.call("GET", "/v1/transactions/external_tx_id/asked")).json()
        listed = (await process.call("GET", "/quorate/v1/intents")).json()["intents"]
        if listed:
            return bytes.fromhex(listed[0]["intent_hash"])
        if row.get("status") in ("QUEUED", "PENDING_SIGNATURE", "COMPLETED"):
            return (await _intents(process))[0]
        await asyncio.sleep(0.05)


async def _intents(process: Process) -> list[bytes]:
    """Those that a signer admitted."""
    return list(process.signers["signer-1"].intents)


async def _say(process: Process, approver: str, intent: bytes) -> httpx2.Response:
    return await process.call(
        "POST", "/quorate/v1/statements", to_json(process.cluster.say(approver, intent))
    )


@pytest.mark.parametrize("fault", faults.GOVERNANCE)
async def test_what_administrators_signed_outlives_the_server(
    cluster: Cluster, tmp_path: Path, fault: str
) -> None:
    """The answer never came; the document is there, and goes to every signer that attaches."""
    freezing = fault == faults.FREEZE_STORED
    document = cluster.freeze() if freezing else cluster.next_charter(request_lifetime=1800)
    sent = (
        document_json(document, "freeze") if freezing else {"versions": [document_json(document, "charter")]}
    )
    path, kind = ("/quorate/v1/freezes", "freeze") if freezing else ("/quorate/v1/charters", "proposal")
    process = Process(cluster, tmp_path)
    process.signers = {id: Following(cluster, id) for id in process.signers}
    await process.start(fault)
    try:
        with contextlib.suppress(httpx2.HTTPError):
            await process.call("POST", path, sent)
        await process.died()
        for signer in process.signers.values():
            signer.asked.clear()
        await process.start()
        await process.until(lambda: all(kind in signer.asked for signer in process.signers.values()))
    finally:
        await process.stop()
