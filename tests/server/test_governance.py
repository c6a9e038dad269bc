"""Freezes, charter versions and vetoes through the server: to everybody, also to those that come later."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.charter import Charter, SignedDocument, load_chain, parse
from quorate.core.model.charter.chain import document_json
from quorate.core.model.freeze import Freeze, FreezeSet
from quorate.core.model.records import Acknowledgement, Order
from quorate.core.proto import link_pb2 as pb
from quorate.server.link.documents import from_link, to_link
from tests.judge.cluster import SIGNERS, Cluster, raw_eddsa
from tests.server.running import Running, serve
from tests.server.signers import WillingSigner

NATIVE = "/quorate/v1"


class Following(WillingSigner):
    """Keeps freezes, and takes every charter version it is brought at once."""

    def __init__(self, cluster: Cluster, id: str) -> None:
        super().__init__(cluster, id)
        self.freezes = FreezeSet()
        self.documents: dict[str, SignedDocument] = {}
        self.charter: Charter = cluster.charter
        self.vetoed: list[bytes] = []
        self.proposals: list[pb.Proposal] = []

    def hello(self) -> pb.Hello:
        hello = super().hello()
        hello.charter_version, hello.charter_hash = self.charter.version, self.charter.hash
        hello.acknowledgement.CopyFrom(self.standing().acknowledgement)
        hello.freezes.extend(to_link(self.documents[id]) for id in self.freezes.in_force)
        return hello

    def standing(self) -> pb.Standing:
        state = self.freezes.state
        said = Acknowledgement(
            self.charter.cluster, self.id, self.charter.version, self.charter.hash, state.count, state.hash,
            self.incarnation, 1,
        )  # fmt: skip
        signed = self.me.sign(labels.ACKNOWLEDGEMENT, said.to_bytes())
        return pb.Standing(acknowledgement=pb.Signed(body=signed.body, signature=signed.signature))

    def answer(self, kind: str, request: pb.Request) -> pb.Answer | None:
        try:
            match kind:
                case "freeze":
                    self.freeze(from_link(request.freeze))
                case "proposal":
                    self.propose(request.proposal)
                case "veto":
                    self.vetoed.append(request.veto.body)
                case "order" if (order := Order.from_bytes(request.order.body)).freezes:
                    self.freezes = self.freezes.lift(order.freezes)
                case _:
                    return super().answer(kind, request)
        except QuorateError as error:
            return pb.Answer(refusal=pb.Refusal(check=error.code, message=error.message, whose=error.whose))
        return pb.Answer(standing=self.standing())

    def freeze(self, document: SignedDocument) -> None:
        freeze = Freeze.from_bytes(document.body)
        self.freezes = self.freezes.add(freeze)
        self.documents[freeze.id] = document

    def propose(self, proposal: pb.Proposal) -> None:
        self.proposals.append(proposal)
        for version in proposal.versions:
            charter = parse(version.body)
            if charter.previous == self.charter.hash:
                self.charter = charter


class Waiting(Following):
    """Its timelock runs: it takes a version only with the acknowledgements of two others."""

    def propose(self, proposal: pb.Proposal) -> None:
        if len(proposal.acknowledgements) >= 2:
            super().propose(proposal)
        else:
            self.proposals.append(proposal)

    def standing(self) -> pb.Standing:
        standing = super().standing()
        if self.proposals and self.charter.version == 1:
            version = parse(self.proposals[0].versions[-1].body)
            standing.pending.add(version=version.version, charter=version.hash, due_ms=77)
        return standing


@pytest.fixture
async def server(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Running]:
    async with serve(cluster, tmp_path) as running:
        yield running


async def get(server: Running, path: str) -> dict[str, Any]:
    found: dict[str, Any] = (await server.http.get(server.url + NATIVE + path)).json()
    return found


async def post(server: Running, path: str, document: object) -> dict[str, Any]:
    response = await server.http.post(server.url + NATIVE + path, json=document)
    answer: dict[str, Any] = response.json()
    return answer


async def freeze(server: Running, document: SignedDocument) -> dict[str, Any]:
    return await post(server, "/freezes", document_json(document, "freeze"))


async def until(condition: Callable[[], Any]) -> Any:
    async with asyncio.timeout(10):
        while not (found := condition()):
            await asyncio.sleep(0.01)
    return found


# -- freezes


async def test_a_freeze_reaches_every_signer_and_is_effective_with_two(server: Running) -> None:
    await server.attach(Following, SIGNERS[:2])
    document = server.cluster.freeze()
    answer = await freeze(server, document)
    assert answer["freeze"]["scope"] == "workspace"
    assert (answer["acknowledged"], answer["needed"], answer["effective"]) == (list(SIGNERS[:2]), 2, True)
    assert answer["unconfirmed"] == []
    found = await get(server, "/freezes")
    assert found["freezes"] == [document_json(document, "freeze")]
    assert sorted(found["acknowledgements"]) == list(SIGNERS[:2])
    assert (await get(server, "/status"))["freezes"]["effective"]
    (late,) = await server.attach(Following, SIGNERS[2:])
    await until(lambda: "freeze" in late.asked)
    await until(lambda: len(server.server.hub.attached()) == 3)
    assert (await freeze(server, document))["acknowledged"] == list(SIGNERS)


async def test_one_signer_is_not_enough(server: Running) -> None:
    await server.attach(Following, SIGNERS[:1])
    answer = await freeze(server, server.cluster.freeze())
    assert (answer["acknowledged"], answer["effective"]) == (["signer-1"], False)


async def test_a_freeze_from_one_signers_own_socket_reaches_the_others(server: Running) -> None:
    first, second, third = await server.attach(Following)
    assert isinstance(first, Following)
    first.freeze(server.cluster.freeze())
    await first.send(pb.ToServer(freeze=to_link(server.cluster.freeze(1))))
    await first.send(pb.ToServer(standing=first.standing()))
    await until(lambda: "freeze" in second.asked and "freeze" in third.asked)
    assert "freeze" not in first.asked
    async with asyncio.timeout(10):
        while not (await get(server, "/freezes"))["effective"]:
            await asyncio.sleep(0.01)


async def test_what_a_signer_holds_when_it_comes_is_learnt(server: Running) -> None:
    class Frozen(Following):
        def __init__(self, cluster: Cluster, id: str) -> None:
            super().__init__(cluster, id)
            self.freeze(cluster.freeze(7, "user", "u"))

    (other,) = await server.attach(Following, SIGNERS[1:2])
    await server.attach(Frozen, SIGNERS[:1])
    await until(lambda: "freeze" in other.asked)


async def test_a_quorum_lifts_and_what_was_lifted_does_not_come_back(
    cluster: Cluster, tmp_path: Path
) -> None:
    document = cluster.freeze(1)
    async with serve(cluster, tmp_path) as server:
        await server.attach(Following)
        await freeze(server, document)
        order = cluster.unfreeze(1)
        await post(server, "/orders", document_json(order, "order"))
        id = Order.from_bytes(order.body).id
        async with asyncio.timeout(10):
            while (state := await get(server, f"/orders/{id}"))["status"] == "running":
                await asyncio.sleep(0.02)
        assert (state["status"], state["freezes"]) == ("done", ["0" * 31 + "1"])
        assert (await get(server, "/freezes"))["lifted"] == ["0" * 31 + "1"]
        assert (await freeze(server, document))["error"]["code"] == "freeze_lifted"
    async with serve(cluster, tmp_path) as server:
        found = await get(server, "/freezes")
        assert (found["in_force"], found["lifted"]) == ([], ["0" * 31 + "1"])


async def test_freezes_and_acknowledgements_survive_a_restart(cluster: Cluster, tmp_path: Path) -> None:
    async with serve(cluster, tmp_path) as server:
        await server.attach(Following, SIGNERS[:2])
        await freeze(server, cluster.freeze(1))
    async with serve(cluster, tmp_path) as server:
        assert (await get(server, "/freezes"))["effective"]
        (late,) = await server.attach(Following, SIGNERS[2:])
        await until(lambda: "freeze" in late.asked)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda f: f.update(signatures=[]), "freeze_signature"),
        (lambda f: f["freeze"].update(scope="user", subject="x"), "freeze_signature"),
        (lambda f: f["freeze"].update(cluster="00" * 16), "freeze_cluster"),
        (lambda f: f["freeze"].update(by="mallory"), "freeze_signature"),
        (lambda f: f.pop("freeze"), "missing_member"),
    ],
)
async def test_bad_freezes_travel_nowhere(server: Running, change: Any, code: str) -> None:
    signers = await server.attach(Following)
    document = document_json(server.cluster.freeze(), "freeze")
    change(document)
    assert (await post(server, "/freezes", document))["error"]["code"] == code
    assert all("freeze" not in signer.asked for signer in signers)


async def test_an_acknowledgement_that_nobody_signed_counts_for_nothing(server: Running) -> None:
    class Forging(Following):
        def standing(self) -> pb.Standing:
            standing = super().standing()
            standing.acknowledgement.signature = bytes(64)
            return standing

    await server.attach(Forging)
    assert (await freeze(server, server.cluster.freeze()))["acknowledged"] == []


async def test_a_refusal_for_a_freeze_blocks_the_request(server: Running) -> None:
    class Refusing(Following):
        def open(self, request: pb.Request) -> pb.Answer | None:
            return pb.Answer(refusal=pb.Refusal(check="frozen", reason_class="frozen", whose="caller"))

    await server.attach(Refusing)
    found = await server.finished(await server.submit(raw_eddsa()))
    assert (found["status"], found["subStatus"].split(":")[0]) == ("BLOCKED", "frozen")


async def test_an_administrator_is_told_what_a_freeze_cannot_recall(server: Running) -> None:
    class NeverDone(Following):
        async def after_release(self, release: pb.Release) -> None:
            pass

    await server.attach(NeverDone)
    id = await server.submit(raw_eddsa())
    async with asyncio.timeout(10):
        while True:
            answer = await freeze(server, server.cluster.freeze())
            if answer["unconfirmed"]:
                break
            await asyncio.sleep(0.05)
    assert [entry["id"] for entry in answer["unconfirmed"]] == [id]
    assert "unconfirmed" not in await get(server, "/freezes")


# -- charter versions and vetoes


def version(cluster: Cluster, **changes: Any) -> tuple[SignedDocument, dict[str, object]]:
    document = cluster.next_charter(**(changes or {"skew": 6}))
    chain = [document_json(each, "charter") for each in (cluster.document, document)]
    return document, {"versions": chain}


async def test_a_version_is_carried_to_all_and_followed_when_effective(
    server: Running, tmp_path: Path
) -> None:
    await server.attach(Following, SIGNERS[:2])
    document, chain = version(server.cluster)
    answer = await post(server, "/charters", chain)
    assert (answer["version"], answer["proposals"]) == (2, [])
    assert [each.body for each in load_chain((tmp_path / "charter.json").read_bytes())][1] == document.body
    (late,) = await server.attach(Waiting, SIGNERS[2:])
    assert isinstance(late, Waiting)
    await until(lambda: late.charter.version == 2)
    assert len(late.proposals[-1].acknowledgements) == 2


async def test_a_version_that_waits_is_shown_with_its_dates(cluster: Cluster, tmp_path: Path) -> None:
    document, chain = version(cluster)
    async with serve(cluster, tmp_path) as server:
        await server.attach(Waiting)
        answer = await post(server, "/charters", chain)
        (proposal,) = answer["proposals"]
        assert (answer["version"], proposal["hash"]) == (1, parse(document.body).hash.hex())
        assert proposal["waiting_at"] == {id: {"due_ms": 77, "vetoed": False} for id in SIGNERS}
        assert proposal["in_force_at"] == []
        assert (await get(server, "/status"))["proposals"] == [proposal]
    async with serve(cluster, tmp_path) as server:
        assert (await get(server, "/charters"))["proposals"][0]["version"] == 2
        (signer,) = await server.attach(Waiting, SIGNERS[:1])
        assert isinstance(signer, Waiting)
        await until(lambda: signer.proposals)
        answer = await post(server, "/vetoes", document_json(cluster.veto(document), "veto"))
        assert (answer["by"], answer["proposals"][0]["vetoed_by"]) == ("alice", "alice")
        await until(lambda: signer.vetoed)
    async with serve(cluster, tmp_path) as server:
        (signer,) = await server.attach(Waiting, SIGNERS[:1])
        assert isinstance(signer, Waiting)
        await until(lambda: signer.vetoed)
        await asyncio.sleep(0.1)
        assert signer.proposals == [], "what was vetoed is not sent any more"


async def test_a_veto_from_one_signers_own_socket_reaches_the_others(server: Running) -> None:
    first, second, _ = await server.attach(Waiting)
    assert isinstance(second, Waiting)
    document, chain = version(server.cluster)
    await post(server, "/charters", chain)
    await first.send(pb.ToServer(veto=to_link(server.cluster.veto(document))))
    await until(lambda: second.vetoed)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda c: c["versions"][1].update(signatures=[]), "charter_quorum"),
        (lambda c: c["versions"][1]["charter"].update(skew=7), "charter_signature"),
        (lambda c: c["versions"][1]["charter"].update(previous="00" * 32), "charter_fork"),
        (lambda c: c["versions"][1]["charter"].update(version=3), "charter_version"),
        (lambda c: c.update(versions={}), "bad_request"),
        (lambda c: c.clear(), "bad_request"),
    ],
)
async def test_bad_versions_travel_nowhere(server: Running, change: Any, code: str) -> None:
    signers = await server.attach(Following)
    _, chain = version(server.cluster)
    change(chain)
    assert (await post(server, "/charters", json.loads(json.dumps(chain))))["error"]["code"] == code
    assert all("proposal" not in signer.asked for signer in signers)


async def test_a_veto_that_nobody_signed_travels_nowhere(server: Running) -> None:
    signers = await server.attach(Following)
    document, _ = version(server.cluster)
    veto = document_json(server.cluster.veto(document), "veto") | {"signatures": []}
    assert (await post(server, "/vetoes", veto))["error"]["code"] == "veto_signature"
    assert all("veto" not in signer.asked for signer in signers)


async def test_signers_with_the_same_freezes_are_asked_first(server: Running) -> None:
    """One that stays behind, because an order has expired for instance, costs no session."""

    class Behind(Following):
        def freeze(self, document: SignedDocument) -> None:
            raise QuorateError("request_unknown", "of the previous release", "peer")

    (third,) = await server.attach(Behind, SIGNERS[2:])
    await server.attach(Following, SIGNERS[:2])
    await freeze(server, server.cluster.freeze(1, "user", "somebody else"))
    for number in range(4):
        found = await server.finished(await server.submit(raw_eddsa(f"{number}".encode())))
        assert found["status"] == "COMPLETED"
    assert third.opened == []
