"""What becomes of a request when signers refuse, fall silent, go away or lie."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.judge.cluster import SIGNERS, Cluster, raw_eddsa
from tests.server.running import QUICK, Running, serve
from tests.server.signers import (
    GoneAtRelease,
    HoldingResults,
    Kind,
    LyingAboutResults,
    NotAdmitting,
    PolicyRefuser,
    SilentAtOpen,
    VotingForOtherBytes,
    WillingSigner,
)


@pytest.fixture
async def server(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Running]:
    """With short time-outs, because somebody will be silent."""
    async with serve(cluster, tmp_path, timeouts=QUICK) as running:
        yield running


async def attach(server: Running, kinds: Sequence[Kind]) -> None:
    for id, kind in zip(SIGNERS, kinds, strict=True):
        await server.attach(kind, [id])


async def test_two_refusals_block_and_explain(server: Running) -> None:
    await server.attach(PolicyRefuser)
    found = await server.finished(await server.submit(raw_eddsa()))
    assert found["status"] == "BLOCKED"
    assert found["subStatus"].startswith("no_rule_matched: refused by signer-")
    lines = [message["message"] for message in found["systemMessages"]]
    assert {message["type"] for message in found["systemMessages"]} == {"BLOCK"}
    assert sum("rule capped did not match: destinations" in line for line in lines) == 2
    native = await server.http.get(server.url + f"/quorate/v1/intents/{await _intent_hash(server)}")
    decisions = native.json()["decisions"]
    assert len(decisions) == 2
    for decision in decisions.values():
        assert (decision["verdict"], decision["check"]) == ("refuse", "policy")
        assert decision["trace"] == [{"rule": "capped", "first_mismatch": "destinations"}]


async def test_one_refusal_does_not_stop_t_willing_ones(server: Running) -> None:
    await attach(server, (PolicyRefuser, WillingSigner, WillingSigner))
    for _ in range(3):
        found = await server.finished(await server.submit(raw_eddsa()))
        assert (found["status"], found["signedBy"]) == ("COMPLETED", ["signer-2", "signer-3"])


@pytest.mark.parametrize("kind", [SilentAtOpen, GoneAtRelease, LyingAboutResults, VotingForOtherBytes])
async def test_another_set_takes_over_with_the_same_bytes(server: Running, kind: Kind) -> None:
    await attach(server, (kind, WillingSigner, WillingSigner))
    found = await server.finished(await server.submit(raw_eddsa()))
    assert found["status"] == "COMPLETED", found
    opened = [message for signer in server.signers.values() for message in signer.opened]
    assert len({message.intent_hash for message in opened}) == 1
    assert len({message.bytes for message in opened}) == 1
    for signer in server.signers.values():
        numbers = [message.session for message in signer.opened]
        assert numbers == sorted(set(numbers)), "session numbers only rise"


async def test_a_lie_of_all_is_no_signature(server: Running) -> None:
    await server.attach(LyingAboutResults)
    id = await server.submit(raw_eddsa())
    await asyncio.sleep(0.5)
    found = (await server.call("GET", f"/v1/transactions/{id}")).json()
    assert found["status"] == "PENDING_SIGNATURE"
    assert found["signedMessages"] == []


async def test_a_result_that_a_signer_holds_is_taken(server: Running) -> None:
    await server.attach(HoldingResults)
    assert (await server.finished(await server.submit(raw_eddsa())))["status"] == "COMPLETED"


async def test_too_few_signers_refuse_at_once(server: Running) -> None:
    await server.attach(ids=SIGNERS[:1])
    response = await server.call("POST", "/v1/transactions", raw_eddsa())
    assert (response.status_code, response.json()["code"]) == (503, 1500)
    (row,) = (await server.call("GET", "/v1/transactions")).json()
    assert row["status"] == "REJECTED"
    assert row["systemMessages"]


async def test_a_check_of_admission_becomes_the_dialects_code(server: Running) -> None:
    await server.attach(NotAdmitting)
    response = await server.call("POST", "/v1/transactions", {**raw_eddsa(), "externalTxId": "x-1"})
    assert (response.status_code, response.json()["code"]) == (400, 1438)
    assert "signer-1" in response.json()["message"]
    for signer in server.signers.values():
        await signer.detach()
    await server.attach()
    again = await server.call("POST", "/v1/transactions", {**raw_eddsa(), "externalTxId": "x-1"})
    assert again.status_code == 200, "an id that nobody admitted is not burnt"


async def test_who_comes_back_is_one_of_the_next_two(willing: Running) -> None:
    lost = willing.signers["signer-2"]
    await lost.detach()
    await willing.finished(await willing.submit(raw_eddsa()))
    await willing.attach(ids=["signer-2"])
    found = await willing.finished(await willing.submit(raw_eddsa()))
    assert "signer-2" in found["signedBy"]


async def test_a_signer_that_did_not_admit_gets_the_others_receipts(server: Running) -> None:
    await server.attach(ids=SIGNERS[:2])
    silent = SilentAtOpen(server.cluster, "signer-2")
    await server.signers["signer-2"].detach()
    server.signers["signer-2"] = silent
    await silent.attach(server.link)
    id = await server.submit(raw_eddsa())
    await server.attach(ids=["signer-3"])
    found = await server.finished(id)
    assert (found["status"], found["signedBy"]) == ("COMPLETED", ["signer-1", "signer-3"])
    assert len(server.signers["signer-3"].opened[-1].admissions) == 2


async def _intent_hash(server: Running) -> str:
    return next(iter(server.signers.values())).opened[0].intent_hash.hex()
