"""Versions that signers voted for, or gave a share of, and did not sign: what the server must not forget."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quorate.client.demo.chain import Chain
from quorate.core.chains.evm.attach import attach
from quorate.core.chains.evm.decode import decode
from quorate.core.errors import Refused
from quorate.core.model.charter.chain import document_json
from quorate.core.model.intent import Attempt, items
from quorate.core.proto import link_pb2 as pb
from tests.judge.cluster import Cluster, transfer
from tests.server.running import PATIENT, Running, serve
from tests.server.signers import Kind, PolicyRefuser, RefusingRelease, SilentAtOpen, WillingSigner
from tests.server.test_governance import Following
from tests.server.test_replacement import dearer, drop, unmined, until, waiting
from tests.server.whole_keys import sign


class Holder(WillingSigner):
    """Has signed these bytes before, and hands that signature out."""

    held: pb.Result

    def open(self, request: pb.Request) -> pb.Answer | None:
        if request.open.bytes == self.held.bytes:
            return pb.Answer(result=self.held)
        return super().open(request)


class TakingBackOnly(WillingSigner):
    """Signs nothing that pays."""

    def open(self, request: pb.Request) -> pb.Answer | None:
        if decode(request.open.bytes).value:
            raise Refused("expired", "refused as scripted", reason_class="expired")
        return super().open(request)


class Withholding(WillingSigner):
    """Gives its first share, and says nothing of what became of it."""

    withheld = False

    async def after_release(self, release: pb.Release) -> None:
        if self.withheld:
            await super().after_release(release)
        self.withheld = True


@contextlib.asynccontextmanager
async def started(cluster: Cluster, chain: Chain, folder: Path, kind: Kind) -> AsyncIterator[Running]:
    async with serve(cluster, folder, chains={"evm:31337": (chain.url,)}) as running:
        await running.attach(kind)
        yield running


async def exchange(running: Running, kind: Kind, ids: tuple[str, ...] = ()) -> None:
    """Other signers in the place of those, or of all."""
    for id in ids or tuple(running.signers):
        await running.signers[id].detach()
    await running.attach(kind, ids or tuple(running.signers))


async def not_replaced(running: Running, id: str) -> None:
    for _ in range(1000):
        row = (await running.call("GET", f"/v1/transactions/{id}")).json()
        if row["systemMessages"]:
            assert row["systemMessages"][0]["message"] == "not replaced"
            return
        await asyncio.sleep(0.02)
    raise AssertionError("no message")


@pytest.mark.parametrize("restart", [False, True])
async def test_a_version_of_which_a_share_may_be_out_is_never_forgotten(
    cluster: Cluster, chain: Chain, tmp_path: Path, restart: bool
) -> None:
    """A dishonest signer makes the signature by itself, and broadcasts it: the payment is executed."""
    chain.fund(cluster.address("0"), 10)
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(unmined(chain))
        first = contextlib.AsyncExitStack()
        running = await first.enter_async_context(started(cluster, chain, tmp_path, WillingSigner))
        await running.call("POST", "/v1/vault/accounts", {"name": "treasury"})
        row = await waiting(running)
        await exchange(running, RefusingRelease)
        await dearer(running, row)
        await not_replaced(running, row["id"])
        signer = next(each for each in running.signers.values() if each.sessions)
        intent, attempt = next(reversed(signer.sessions.values()))
        Holder.held = signer.result(intent, attempt)
        if restart:
            await first.aclose()
            running = await stack.enter_async_context(started(cluster, chain, tmp_path, PolicyRefuser))
        else:
            stack.push_async_exit(first)
            await exchange(running, PolicyRefuser)
            await dearer(running, row)
        await asyncio.sleep(2)
        chain.call("anvil_dropTransaction", row["txHash"])
        name = _broadcast(chain, cluster, attempt, Holder.held)
        chain.call("evm_mine")
        await asyncio.sleep(5)
        found = (await running.call("GET", f"/v1/transactions/{row['id']}")).json()
        assert found["status"] == "CONFIRMING"
        await exchange(running, Holder)
        found = await running.finished(row["id"])
        assert (found["status"], found["txHash"]) == ("COMPLETED", name)


async def test_other_signatures_of_the_same_bytes_may_have_paid(
    cluster: Cluster, chain: Chain, tmp_path: Path
) -> None:
    """A dishonest signer finishes the session that the server gave up. What is mined has another hash."""
    chain.fund(cluster.address("0"), 10)
    folder = tmp_path / "server"
    folder.mkdir()
    timeouts = dataclasses.replace(PATIENT, release=0.5)
    async with serve(cluster, folder, chains={"evm:31337": (chain.url,)}, timeouts=timeouts) as running:
        await running.attach(Withholding)
        await running.call("POST", "/v1/vault/accounts", {"name": "treasury"})
        with unmined(chain):
            row = await waiting(running)
            signer = next(each for each in running.signers.values() if each.sessions)
            intent, attempt = next(iter(signer.sessions.values()))
            (item,) = items(intent, attempt, signer._root(intent))
            other = pb.Result(items=[sign(cluster, item, b"\x07" * 32)])
            chain.call("anvil_dropTransaction", row["txHash"])
            assert _broadcast(chain, cluster, attempt, other) != row["txHash"]
        for _ in range(10):
            await asyncio.sleep(0.5)
            found = (await running.call("GET", f"/v1/transactions/{row['id']}")).json()
            assert found["status"] == "CONFIRMING"
            if found["systemMessages"]:
                break
        assert "same bytes" in found["systemMessages"][0]["message"]


def _broadcast(chain: Chain, cluster: Cluster, attempt: Attempt, result: pb.Result) -> str:
    (item,) = result.items
    raw, name = attach(attempt.data, item.signature, item.recovery_id, sender=cluster.address("0"))
    assert chain.call("eth_sendRawTransaction", "0x" + raw.hex()) == "0x" + name.hex()
    return "0x" + name.hex()


async def test_a_version_that_one_signer_voted_for_is_brought_to_the_others(
    on_chain: Running, chain: Chain
) -> None:
    """Its entry names those bytes: without them no signer would ever release others."""
    with unmined(chain):
        row = await waiting(on_chain)
        await on_chain.signers["signer-3"].detach()
        await exchange(on_chain, PolicyRefuser, ("signer-2",))
        await dearer(on_chain, row)
        await not_replaced(on_chain, row["id"])
        await asyncio.sleep(0.5)
        voted = on_chain.signers["signer-1"].opened[-1].bytes
        await exchange(on_chain, WillingSigner)
        assert (await dearer(on_chain, row)).status_code == 200
        await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
        last = [signer.opened[-1] for signer in on_chain.signers.values() if signer.opened]
        assert all(voted in message.earlier for message in last)
        assert decode(last[0].bytes).max_fee > decode(voted).max_fee


async def test_a_version_that_nobody_signs_can_be_taken_back(on_chain: Running, chain: Chain) -> None:
    with unmined(chain):
        row = await waiting(on_chain)
        await exchange(on_chain, RefusingRelease)
        await dearer(on_chain, row)
        await not_replaced(on_chain, row["id"])
        again = await dearer(on_chain, row)
        assert (again.status_code, again.json()["code"]) == (409, 1444)
        await exchange(on_chain, TakingBackOnly)
        assert (await drop(on_chain, row["id"])).status_code == 200
        await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
    found = await on_chain.finished(row["id"])
    assert (found["status"], found["subStatus"]) == ("FAILED", "dropped")


async def test_a_caller_that_goes_away_stops_nothing(
    on_chain: Running, chain: Chain, caplog: pytest.LogCaptureFixture
) -> None:
    with unmined(chain):
        row = await waiting(on_chain)
        runner = on_chain.server.runner
        for wait in (0.0, 0.001, 0.002, 0.004, 0.008):
            asked = asyncio.create_task(runner.replace(row["id"], cancels=False))
            await asyncio.sleep(wait)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
    assert (await on_chain.finished(row["id"]))["status"] == "COMPLETED"
    assert "unexpected" not in caplog.text


async def test_versions_have_an_end_and_taking_back_has_room(on_chain: Running, chain: Chain) -> None:
    """All of them go to every signer with each session."""
    with unmined(chain):
        row = await waiting(on_chain)
        codes: list[Any] = []
        for _ in range(20):
            answer = await dearer(on_chain, row)
            codes.append(answer.status_code)
            if answer.status_code != 200:
                break
            row = await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
        assert codes == [200] * 15 + [409]
        assert (await drop(on_chain, row["id"])).status_code == 200
        await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
    assert (await on_chain.finished(row["id"]))["subStatus"] == "dropped"


async def test_a_repeated_call_raises_the_fee_once(on_chain: Running, chain: Chain) -> None:
    with unmined(chain):
        row = await waiting(on_chain)
        body, key = transfer("0.01", replaceTxByHash=row["txHash"]), {"Idempotency-Key": "bump"}
        first = await on_chain.call("POST", "/v1/transactions", body, headers=key)
        bumped = await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
        again = await on_chain.call("POST", "/v1/transactions", body, headers=key)
        assert (again.status_code, again.json()) == (200, first.json())
        other = await on_chain.call("POST", "/v1/transactions", transfer("0.02"), headers=key)
        assert other.status_code != 200
        await asyncio.sleep(0.5)
    assert (await on_chain.finished(row["id"]))["txHash"] == bumped["txHash"]


async def test_taking_back_names_one_transaction(on_chain: Running, chain: Chain) -> None:
    with unmined(chain):
        row = await waiting(on_chain)
        path = f"/v1/transactions/{row['id']}/drop"
        answer = await on_chain.call("POST", path, {"txId": "another"})
        assert (answer.status_code, answer.json()["code"]) == (400, 1000)
    assert (await on_chain.finished(row["id"]))["status"] == "COMPLETED"


async def test_a_freeze_lists_every_version_that_is_out(on_chain: Running, chain: Chain) -> None:
    """The earlier one may be the one that is mined."""
    with unmined(chain):
        row = await waiting(on_chain)
        await dearer(on_chain, row)
        bumped = await until(on_chain, row["id"], replacedTxHash=row["txHash"], status="CONFIRMING")
        await exchange(on_chain, Following)
        document = document_json(on_chain.cluster.freeze(), "freeze")
        answer = await on_chain.http.post(on_chain.url + "/quorate/v1/freezes", json=document)
        (listed,) = answer.json()["unconfirmed"]
        assert listed["transaction_hash"] == bumped["txHash"]
        assert listed["other_hashes"] == [row["txHash"]]


async def test_another_transfer_that_waits_for_signers_keeps_none_from_its_end(
    on_chain: Running, chain: Chain
) -> None:
    """The account's next transfer has its turn, perhaps for hours: this one is mined meanwhile."""
    with unmined(chain):
        row = await waiting(on_chain)
        await exchange(on_chain, SilentAtOpen)
        later = await on_chain.submit(transfer("0.02"))
        await until(on_chain, later, status="PENDING_SIGNATURE")
        asked = asyncio.create_task(drop(on_chain, row["id"]))
        await asyncio.sleep(0.2)
    found = await on_chain.finished(row["id"], within=6)
    assert (found["status"], found["txHash"]) == ("COMPLETED", row["txHash"])
    answer = await asked
    assert (answer.status_code, answer.json()["code"]) == (409, 1444)
