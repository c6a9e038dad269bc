"""Documents that the charter pins, through the server: to every signer that takes any, also those that come
later, and to whoever asks for one.
"""

from pathlib import Path
from typing import Any

import pytest

from quorate.core.chains.evm.knowledge.documents import LIMIT, accepted, digest
from quorate.core.errors import QuorateError
from quorate.core.model.charter.chain import document_json
from quorate.core.proto import link_pb2 as pb
from quorate.server.store import documents as store
from tests.judge.cluster import ALLOW_ALL, SIGNERS, Cluster
from tests.judge.test_documents import ABI, FUND, pin
from tests.server.running import Running, serve
from tests.server.test_governance import Following, Waiting, get, post, until


class Reading(Following):
    """Takes documents that its charter, or a version it was brought, pins."""

    def __init__(self, cluster: Cluster, id: str) -> None:
        super().__init__(cluster, id)
        self.held: list[bytes] = []

    def hello(self) -> pb.Hello:
        hello = super().hello()
        hello.documents.CopyFrom(self.documents_held())
        return hello

    def documents_held(self) -> pb.Documents:
        return pb.Documents(held=[digest(content) for content in self.held])

    def answer(self, kind: str, request: pb.Request) -> pb.Answer | None:
        if kind != "document":
            return super().answer(kind, request)
        try:
            accepted([self.charter], request.document.content)
        except QuorateError as error:
            return pb.Answer(refusal=pb.Refusal(check=error.code, message=error.message, whose=error.whose))
        self.held.append(request.document.content)
        return pb.Answer(documents=self.documents_held())


@pytest.fixture(scope="module")
def pinned() -> Cluster:
    return Cluster(ALLOW_ALL, annotations=[pin()])


async def give(server: Running, content: bytes = ABI) -> dict[str, Any]:
    return await post(server, "/documents", {"document": content.hex()})


async def test_a_document_reaches_everybody(pinned: Cluster, tmp_path: Path) -> None:
    place = {"chain": "evm:31337", "contract": FUND}
    async with serve(pinned, tmp_path) as server:
        await server.attach(Reading, SIGNERS[:2])
        (before,) = (await get(server, "/documents"))["documents"]
        assert before == {**place, "hash": digest(ABI).hex(), "held": False, "held_by": []}
        answer = await give(server)
        assert answer == {
            "hash": digest(ABI).hex(),
            "contracts": [place],
            "signers": {"signer-1": "held", "signer-2": "held"},
        }
        assert (await get(server, f"/documents/{digest(ABI).hex()}"))["document"] == ABI.hex()
        (late,) = await server.attach(Reading, SIGNERS[2:])
        assert isinstance(late, Reading)
        await until(lambda: late.held)
        await until(lambda: len(server.server._governance.documents.holders(digest(ABI))) == 3)
        (found,) = (await get(server, "/status"))["documents"]
        assert (found["held"], found["held_by"]) == (True, list(SIGNERS))
    async with serve(pinned, tmp_path) as server:
        (again,) = await server.attach(Reading, SIGNERS[:1])
        assert isinstance(again, Reading)
        await until(lambda: again.held == [ABI])


async def test_a_signer_of_the_release_before_is_sent_none(pinned: Cluster, tmp_path: Path) -> None:
    async with serve(pinned, tmp_path) as server:
        (older,) = await server.attach(Following, SIGNERS[:1])
        (newer,) = await server.attach(Reading, SIGNERS[1:2])
        answer = await give(server)
        assert answer["signers"] == {"signer-1": "its release takes no documents", "signer-2": "held"}
        assert ("document" in newer.asked, "document" in older.asked) == (True, False)


async def test_one_from_a_signers_own_socket_reaches_the_others(pinned: Cluster, tmp_path: Path) -> None:
    async with serve(pinned, tmp_path) as server:
        first, second, _ = await server.attach(Reading)
        assert isinstance(second, Reading)
        await first.send(pb.ToServer(document=pb.Document(content=ABI)))
        await until(lambda: second.held == [ABI])
        assert "document" not in first.asked
        await first.send(pb.ToServer(document=pb.Document(content=ABI + b" ")))
        await until(lambda: "signer-1" in server.server._governance.documents.holders(digest(ABI + b" ")))
        assert second.held == [ABI]


async def test_a_proposal_brings_its_documents(server: Running) -> None:
    signers = await server.attach(Reading)
    assert (await give(server))["error"]["code"] == "document_unpinned"
    document = server.cluster.next_charter(annotations=[pin()])
    chain = [document_json(each, "charter") for each in (server.cluster.document, document)]
    await post(server, "/charters", {"versions": chain})
    assert set((await give(server))["signers"].values()) == {"held"}
    assert all(isinstance(signer, Reading) and signer.held == [ABI] for signer in signers)


async def test_one_for_a_version_that_waits_is_kept(server: Running) -> None:
    await server.attach(Waiting)
    document = server.cluster.next_charter(annotations=[pin()])
    chain = [document_json(each, "charter") for each in (server.cluster.document, document)]
    await post(server, "/charters", {"versions": chain})
    assert set((await give(server))["signers"].values()) == {"its release takes no documents"}
    (late,) = await server.attach(Reading, SIGNERS[:1])
    assert isinstance(late, Reading)
    await until(lambda: late.held == [ABI])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"document": (ABI + b" ").hex()}, "document_unpinned"),
        ({"document": "zz"}, "wrong_type"),
        ({}, "missing_member"),
        ({"document": ABI.hex(), "more": 1}, "unknown_member"),
        ({"document": (b" " * (LIMIT + 1)).hex()}, "document_unpinned"),
        ({"document": (b" " * (1 << 20)).hex()}, "body_too_large"),
    ],
)
async def test_what_is_not_taken(pinned: Cluster, tmp_path: Path, body: dict[str, Any], code: str) -> None:
    async with serve(pinned, tmp_path) as server:
        (signer,) = await server.attach(Reading, SIGNERS[:1])
        assert (await post(server, "/documents", body))["error"]["code"] == code
        assert "document" not in signer.asked
        assert await server.server.database.read(store.all_of) == {}


async def test_one_that_is_not_here(pinned: Cluster, tmp_path: Path) -> None:
    async with serve(pinned, tmp_path) as server:
        for hash in (digest(ABI).hex(), "zz"):
            assert (await get(server, f"/documents/{hash}"))["error"]["code"] == "document_unknown"
