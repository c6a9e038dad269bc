"""A request that waits for people: when it does, what is shown, what is taken, and every way it ends."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quorate.client.demo.chain import Chain
from quorate.core.chains.evm.decode import decode
from quorate.core.errors import Refused
from quorate.core.evidence import approval
from quorate.core.model import canonical
from quorate.core.model.intent import Intent
from quorate.core.model.statement import SignedStatement, Statement, to_json
from quorate.core.proto import link_pb2 as pb
from quorate.server import clock
from tests.judge.calls import SPENDER, call, data_of, permit, personal, typed
from tests.judge.cluster import ASKED, PEOPLE, SHOP, TWO_OF_THREE, Cluster, raw_eddsa, transfer
from tests.server.conftest import give_tokens
from tests.server.running import Running, serve
from tests.server.signers import WillingSigner

PENDING = "PENDING_AUTHORIZATION"
OWN = {"type": "VAULT_ACCOUNT", "id": "1"}


@pytest.fixture(scope="module")
def asking() -> Cluster:
    return Cluster(ASKED, PEOPLE)


@pytest.fixture
async def server(asking: Cluster, tmp_path: Path) -> AsyncIterator[Running]:
    async with serve(asking, tmp_path) as running:
        await running.attach()
        yield running


class Grouped(Cluster):
    """Whoever is in a group needs nobody's approval."""

    def _charter(self, rules: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        charter = super()._charter(rules)
        payers = {"id": "payers", "members": [self.user.id]}
        return {**charter, "groups": [*charter["groups"], payers]}


async def test_people_are_not_asked_for_whom_the_policy_lets_go(tmp_path: Path) -> None:
    alone = {"name": "payers", "operations": ["RAW"], "requester_groups": ["payers"], "verdict": "allow"}
    async with serve(Grouped((alone, *ASKED), PEOPLE), tmp_path) as running:
        await running.attach()
        id = await running.submit(raw_eddsa())
        await until(running, id, "COMPLETED", PENDING)
        assert (await row(running, id))["status"] == "COMPLETED"


class AskingPeople(WillingSigner):
    """Wants two approvals although the server expects none, as a signer does whose windows are full."""

    def open(self, request: pb.Request) -> pb.Answer | None:
        counted = {
            approval.verify(
                SignedStatement(s.body, s.armor),
                self.cluster.charter,
                request.open.intent_hash,
                int(time.time()),
            ).approver
            for s in request.open.statements
        }
        if len(counted) < 2:
            self.opened.append(request.open)
            return pb.Answer(
                refusal=pb.Refusal(
                    check="approvals", reason_class="missing_evidence", whose="caller", message="2 of people"
                )
            )
        return super().open(request)


class Vetoed(WillingSigner):
    """Refuses sessions that bring a rejection, and what was rejected before."""

    rejected = False

    def veto(self, request: pb.Request) -> pb.Answer | None:
        self.rejected = True
        return pb.Answer(done=pb.Done())

    def open(self, request: pb.Request) -> pb.Answer | None:
        said = [Statement.from_bytes(s.body).verdict for s in request.open.statements]
        if self.rejected or "reject" in said:
            self.opened.append(request.open)
            raise Refused("vetoed", "rejected by frank", reason_class="vetoed")
        return super().open(request)


async def row(running: Running, id: str) -> dict[str, Any]:
    return dict((await running.call("GET", f"/v1/transactions/{id}")).json())


async def until(running: Running, id: str, *statuses: str, within: float = 20.0) -> dict[str, Any]:
    async with asyncio.timeout(within):
        while (found := await row(running, id))["status"] not in statuses:
            await asyncio.sleep(0.02)
        return found


async def native(running: Running, path: str) -> dict[str, Any]:
    return dict((await running.http.get(f"{running.url}/quorate/v1{path}")).json())


async def asked(running: Running, body: object, **options: Any) -> tuple[str, bytes]:
    """A request that waits: its id and intent hash."""
    id = await running.submit(body, **options)
    await until(running, id, PENDING)
    listed = (await native(running, "/intents"))["intents"]
    (found,) = [entry for entry in listed if entry["transaction"] == id]
    return id, bytes.fromhex(found["intent_hash"])


async def post(running: Running, signed: SignedStatement) -> tuple[int, dict[str, Any]]:
    answer = await running.http.post(f"{running.url}/quorate/v1/statements", json=to_json(signed))
    return answer.status_code, answer.json()


async def say(
    running: Running, intent: bytes, *approvers: str, verdict: str = "approve", **changes: Any
) -> None:
    for id in approvers:
        status, answer = await post(running, running.cluster.say(id, intent, verdict, **changes))
        assert status == 200, answer


def opens(running: Running) -> list[pb.Open]:
    return [message for signer in running.signers.values() for message in signer.opened]


# ---- waiting, and what is shown


async def test_raw_waits_and_is_signed_once_enough_people_approved(server: Running) -> None:
    id, intent = await asked(server, raw_eddsa())
    found = await row(server, id)
    assert (found["status"], found["subStatus"]) == (PENDING, "approvals")
    assert "2 of group people" in found["systemMessages"][0]["message"]
    await say(server, intent, "dana")
    assert (await row(server, id))["status"] == PENDING
    assert not opens(server), "signers were asked too early"
    await say(server, intent, "frank")
    done = await server.finished(id)
    assert (done["status"], done["subStatus"], done["systemMessages"]) == ("COMPLETED", "", [])
    for message in opens(server):
        said = [
            approval.verify(SignedStatement(s.body, s.armor), server.cluster.charter, intent, clock.seconds())
            for s in message.statements
        ]
        assert [s.approver for s in said] == ["dana", "frank"]


async def test_the_shown_request_lets_anybody_derive_the_intent(server: Running) -> None:
    id, intent = await asked(server, raw_eddsa())
    shown = await native(server, f"/intents/{intent.hex()}")
    assert (shown["transaction"], shown["status"]) == (id, PENDING)
    assert shown["approvals_missing"]
    assert bytes.fromhex(shown["request"]["body"]) == json.dumps(raw_eddsa()).encode()
    assert shown["attempt"]["format"] == "raw"
    assert Intent.from_bytes(canonical.encode(shown["intent"])).hash == intent


async def test_a_cluster_without_approvers_never_asks(cluster: Cluster, tmp_path: Path) -> None:
    async with serve(cluster, tmp_path) as running:
        await running.attach()
        assert (await running.finished(await running.submit(raw_eddsa())))["status"] == "COMPLETED"
        assert (await native(running, "/intents")) == {"intents": []}


# ---- what is taken


async def test_statements_that_do_not_hold_are_not_taken(server: Running) -> None:
    id, intent = await asked(server, raw_eddsa())
    cluster = server.cluster
    now = clock.seconds()
    for signed, check in (
        (cluster.say("dana", intent, charter=bytes(32)), "statement_charter"),
        (cluster.say("dana", intent, cluster="00" * 16), "statement_cluster"),
        (cluster.say("dana", intent, key="mallory"), "statement_signature"),
        (cluster.say("mallory", intent), "statement_approver"),
        (cluster.say("dana", intent, issued_at=now - 60, expires_at=now - 1), "statement_time"),
        (cluster.say("dana", intent, issued_at=now + 60, expires_at=now + 90), "statement_time"),
    ):
        status, answer = await post(server, signed)
        assert (status, answer["error"]["code"]) == (400, check)
    status, answer = await post(server, cluster.say("dana", bytes(32)))
    assert (status, answer["error"]["code"]) == (404, "intent_unknown")
    for body in (b"", b"[]", b"{}", b'{"statement": {}, "signature": ""}', b"x" * (2 << 20)):
        answer = await server.http.post(f"{server.url}/quorate/v1/statements", content=body)
        assert 400 <= answer.status_code < 500, answer.text
    shown = await native(server, f"/intents/{intent.hex()}")
    assert (shown["statements"], (await row(server, id))["status"]) == ([], PENDING)


async def test_one_approver_counts_once_and_has_sixteen_rounds(server: Running) -> None:
    id, intent = await asked(server, raw_eddsa())
    first = server.cluster.say("dana", intent)
    for _ in range(3):
        assert (await post(server, first))[0] == 200
    status, answer = await post(server, server.cluster.say("dana", intent, issued_at=clock.seconds() - 1))
    assert (status, answer["error"]["code"]) == (409, "statement_round")
    for number in range(2, 17):
        await say(server, intent, "dana", round=number)
    status, answer = await post(server, server.cluster.say("dana", intent, round=17))
    assert (status, answer["error"]["code"]) == (409, "statements_full")
    assert (await row(server, id))["status"] == PENDING
    await say(server, intent, "erin")
    assert (await server.finished(id))["status"] == "COMPLETED"
    assert {len(message.statements) for message in opens(server)} == {2}


async def test_nobody_is_heard_about_a_request_that_is_over(server: Running) -> None:
    id, intent = await asked(server, raw_eddsa())
    dana = server.cluster.say("dana", intent)
    await post(server, dana)
    await say(server, intent, "erin")
    await server.finished(id)
    for verdict in ("approve", "reject"):
        status, answer = await post(server, server.cluster.say("frank", intent, verdict))
        assert (status, answer["error"]["code"]) == (409, "not_pending")
    assert (await post(server, dana))[0] == 200, "the same statement again changes nothing"


# ---- how it ends


async def test_one_rejection_ends_it(server: Running) -> None:
    id, intent = await asked(server, raw_eddsa())
    await say(server, intent, "dana")
    await say(server, intent, "frank", verdict="reject")
    found = await server.finished(id)
    assert (found["status"], found["subStatus"]) == ("REJECTED", "vetoed: rejected by frank")
    assert found["systemMessages"] == [{"type": "BLOCK", "message": "rejected by frank"}]
    assert all("rejection" in signer.asked for signer in server.signers.values()), "a signer was not told"
    assert not opens(server)


async def test_a_rejection_while_signers_are_away_is_told_with_the_session(
    asking: Cluster, tmp_path: Path
) -> None:
    async with serve(asking, tmp_path) as running:
        await running.attach(Vetoed)
        id, intent = await asked(running, raw_eddsa())
        for signer in running.signers.values():
            await signer.detach()
        await say(running, intent, "dana", "erin")
        await until(running, id, "QUEUED")
        await say(running, intent, "frank", verdict="reject")
        for signer in running.signers.values():
            await signer.attach(running.link)
        found = await running.finished(id)
        assert found["status"] == "REJECTED", found
        assert {len(message.statements) for message in opens(running)} == {3}


async def test_it_can_be_cancelled(server: Running) -> None:
    id, intent = await asked(server, raw_eddsa())
    answer = await server.call("POST", f"/v1/transactions/{id}/cancel", {})
    assert answer.json() == {"success": True}
    assert (await server.finished(id))["status"] == "CANCELLED"
    assert (await post(server, server.cluster.say("dana", intent)))[0] == 409


async def test_it_expires(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quorate.server.service.authorize.LOOK_AGAIN", 0.05)
    id, intent = await asked(server, raw_eddsa())
    await say(server, intent, "dana")
    now = clock.seconds
    monkeypatch.setattr(clock, "seconds", lambda: now() + 3601)
    await asyncio.sleep(0.5)
    monkeypatch.setattr(clock, "seconds", now)
    found = await row(server, id)
    assert found["subStatus"] == "expired"
    assert "not approved by enough" in found["systemMessages"][0]["message"]


async def test_an_expired_approval_no_longer_counts(server: Running) -> None:
    id, intent = await asked(server, raw_eddsa())
    now = clock.seconds()
    await say(server, intent, "dana", expires_at=now + 2)
    await asyncio.sleep(2.2)
    await say(server, intent, "erin")
    await asyncio.sleep(0.3)
    assert (await row(server, id))["status"] == PENDING
    await say(server, intent, "dana", round=2, issued_at=clock.seconds(), expires_at=clock.seconds() + 60)
    assert (await server.finished(id))["status"] == "COMPLETED"


async def test_signers_may_want_people_that_the_server_did_not_expect(
    cluster: Cluster, tmp_path: Path
) -> None:
    """Windows and known destinations are on the signers' records. Each statement has them asked again."""
    allowing = Cluster(({"name": "all", "operations": ["RAW"], "verdict": "allow"},), PEOPLE)
    async with serve(allowing, tmp_path) as running:
        await running.attach(AskingPeople)
        id, intent = await asked(running, raw_eddsa())
        assert "refused by signer-" in (await row(running, id))["systemMessages"][0]["message"]
        before = len(opens(running))
        await asyncio.sleep(0.5)
        assert len(opens(running)) == before, "signers are asked again although nobody said anything"
        await say(running, intent, "dana")
        await asyncio.sleep(0.5)
        await until(running, id, PENDING)
        await say(running, intent, "erin")
        assert (await running.finished(id))["status"] == "COMPLETED"
        numbers = [m.session for m in running.signers["signer-1"].opened]
        assert numbers == sorted(set(numbers))


# ---- restarts


async def come_back(running: Running, signers: dict[str, WillingSigner]) -> None:
    """The same signers, with all they know."""
    for id, signer in signers.items():
        running.signers[id] = signer
        await signer.attach(running.link)


async def test_a_restart_between_statements_loses_nothing(asking: Cluster, tmp_path: Path) -> None:
    async with serve(asking, tmp_path) as running:
        await running.attach()
        id, intent = await asked(running, raw_eddsa())
        await say(running, intent, "dana")
        signers = running.signers
    async with serve(asking, tmp_path) as running:
        await come_back(running, signers)
        assert (await row(running, id))["status"] == PENDING
        await say(running, intent, "erin")
        assert (await running.finished(id))["status"] == "COMPLETED"


async def test_a_rejection_stored_by_a_server_that_died_is_found_again(
    asking: Cluster, tmp_path: Path
) -> None:
    async with serve(asking, tmp_path) as running:
        await running.attach()
        id, intent = await asked(running, raw_eddsa())
        await running.server.runner.stop()
        await say(running, intent, "erin", verdict="reject")
        signers = running.signers
    async with serve(asking, tmp_path) as running:
        await come_back(running, signers)
        assert (await running.finished(id))["status"] == "REJECTED"


# ---- transfers


@pytest.fixture
async def on_chain(asking: Cluster, chain: Chain, tmp_path: Path) -> AsyncIterator[Running]:
    async with serve(asking, tmp_path, chains={"evm:31337": (chain.url,)}) as running:
        await running.attach()
        for name in ("treasury", "hot"):
            await running.call("POST", "/v1/vault/accounts", {"name": name})
        chain.fund(asking.address("0"), 100)
        give_tokens(chain, asking.address("0"), 1_000_000_000)
        yield running


async def test_a_transfer_is_signed_with_the_bytes_that_people_saw(on_chain: Running) -> None:
    id, intent = await asked(on_chain, transfer("0.25"))
    shown = (await native(on_chain, f"/intents/{intent.hex()}"))["attempt"]
    assert decode(bytes.fromhex(shown["bytes"])).value == 25 * 10**16
    await say(on_chain, intent, "dana", "erin")
    assert (await on_chain.finished(id))["status"] == "COMPLETED"
    assert {message.bytes.hex() for message in opens(on_chain)} == {shown["bytes"]}


async def test_a_waiting_transfer_holds_no_nonce(on_chain: Running) -> None:
    """Another one of the account goes first; then the bytes are made anew, for the same effects."""
    id, intent = await asked(on_chain, transfer("0.25"))
    shown = decode(bytes.fromhex((await native(on_chain, f"/intents/{intent.hex()}"))["attempt"]["bytes"]))
    other = await on_chain.finished(await on_chain.submit(transfer("0.5", destination=OWN)))
    assert (other["status"], int(other["nonce"])) == ("COMPLETED", shown.nonce)
    await say(on_chain, intent, "dana", "erin")
    done = await on_chain.finished(id)
    assert (done["status"], int(done["nonce"])) == ("COMPLETED", shown.nonce + 1)
    signed = {message.bytes for message in opens(on_chain) if message.intent_hash == intent}
    (data,) = signed
    assert decode(data).effects == shown.effects


async def test_what_cannot_be_built_is_not_asked_about(on_chain: Running) -> None:
    found = await on_chain.finished(await on_chain.submit(transfer("1000000")))
    assert (found["status"], found["subStatus"]) == ("FAILED", "insufficient_funds")
    assert (await native(on_chain, "/intents"))["intents"] == []


async def test_signers_that_ask_late_give_the_nonce_back(chain: Chain, tmp_path: Path) -> None:
    allowing = Cluster(({"name": "all", "operations": ["TRANSFER"], "verdict": "allow"},), PEOPLE)
    async with serve(allowing, tmp_path, chains={"evm:31337": (chain.url,)}) as running:
        await running.attach(AskingPeople)
        for name in ("treasury", "hot"):
            await running.call("POST", "/v1/vault/accounts", {"name": name})
        chain.fund(allowing.address("0"), 10)
        id, intent = await asked(running, transfer("0.25"))
        assert "nonce" not in await row(running, id)
        assert (await native(running, f"/intents/{intent.hex()}"))["attempt"]["format"] == "evm-tx"
        await say(running, intent, "dana", "erin")
        done = await running.finished(id)
        assert (done["status"], done["nonce"]) == ("COMPLETED", "0")


# ---- calls and messages


READ: tuple[dict[str, Any], ...] = (
    *ASKED,
    {"name": "sign-in", "operations": ["TYPED_MESSAGE"], "messages": ["personal_text"], "verdict": "allow"},
    {
        "name": "spenders", "operations": ["APPROVE"], "approvals": TWO_OF_THREE, "verdict": "approvals",
        "lifts": [{"prohibition": "approval_to_unknown_spender", "subjects": [SPENDER]}],
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def reading() -> Cluster:
    return Cluster(READ, PEOPLE)


async def test_people_are_asked_about_what_a_message_allows(reading: Cluster, tmp_path: Path) -> None:
    """Before any signer is; and not about one that a rule lets go, or that no approval would help."""
    async with serve(reading, tmp_path) as running:
        await running.attach()
        await running.call("POST", "/v1/vault/accounts", {"name": "treasury"})
        signed = await running.finished(await running.submit(typed(personal())))
        assert signed["status"] == "COMPLETED", signed
        before = len(opens(running))
        id, intent = await asked(running, typed(personal(), permit(reading, SPENDER, 5)))
        assert "2 of group people" in (await row(running, id))["systemMessages"][0]["message"]
        assert len(opens(running)) == before, "signers were asked too early"
        await say(running, intent, "dana", "frank")
        assert (await running.finished(id))["status"] == "COMPLETED"
        before = len(opens(running))
        await running.finished(await running.submit(typed(permit(reading, "0x" + "11" * 20, 5))))
        assert len(opens(running)) > before, "signers were not asked, who alone may refuse"


@pytest.fixture
async def calling(reading: Cluster, chain: Chain, tmp_path: Path) -> AsyncIterator[Running]:
    async with serve(reading, tmp_path, chains={"evm:31337": (chain.url,)}) as running:
        await running.attach()
        await running.call("POST", "/v1/vault/accounts", {"name": "treasury"})
        chain.fund(reading.address("0"), 100)
        give_tokens(chain, reading.address("0"), 1_000_000_000)
        yield running


async def test_people_are_asked_about_what_a_call_does(calling: Running) -> None:
    id, intent = await asked(calling, call(data_of("transfer(address,uint256)", SHOP, 600)))
    found = await row(calling, id)
    assert "2 of group people" in found["systemMessages"][0]["message"]
    assert "nonce" not in found
    assert not opens(calling), "signers were asked too early"
    shown = (await native(calling, f"/intents/{intent.hex()}"))["attempt"]
    assert decode(bytes.fromhex(shown["bytes"])).data[:4].hex() == "a9059cbb"
    await say(calling, intent, "dana", "erin")
    assert (await calling.finished(id))["status"] == "COMPLETED"
    assert {message.bytes.hex() for message in opens(calling)} == {shown["bytes"]}


async def test_a_whitelisted_address_is_whitelisted_whatever_the_request_calls_it(calling: Running) -> None:
    to = {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": SHOP}}
    id, _ = await asked(calling, transfer("0.25", destination=to))
    assert "2 of group people" in (await row(calling, id))["systemMessages"][0]["message"]
    assert not opens(calling)
