"""Freezes with real keepers, and a server that withholds every one of them: the hub of these tests passes on
nothing of what signers say of freezes, charters and vetoes.
"""

import secrets
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quorate.core.model import labels
from quorate.core.model.charter import SignedDocument
from quorate.core.model.charter.chain import document_json
from quorate.core.model.freeze import Freeze
from quorate.core.model.intent import Intent
from quorate.core.model.records import Order
from quorate.core.proto import link_pb2 as pb
from tests.judge.cluster import CAPPED, raw_eddsa
from tests.judge.real_cluster import RealCluster, RealSigner

PAIRS = (("signer-1", "signer-2"), ("signer-1", "signer-3"), ("signer-2", "signer-3"))


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[RealCluster]:
    async with RealCluster(tmp_path, CAPPED).running() as running:
        try:
            await running.activate()
            await running.create_key("eddsa")
            yield running
        finally:
            for signer in running.signers.values():
                print(f"--- {signer.id}\n{signer.journal()}")


def signed(cluster: RealCluster, body: bytes, label: str) -> SignedDocument:
    return SignedDocument(body, (("alice", cluster.administrator.sign(label, body)),))


def workspace(cluster: RealCluster) -> SignedDocument:
    freeze = Freeze(cluster.charter.cluster, secrets.token_hex(16), "workspace", None, "alice", 1)
    return signed(cluster, freeze.to_bytes(), labels.FREEZE)


async def freeze(cluster: RealCluster, document: SignedDocument, *ids: str) -> None:
    """By each signer's own socket."""
    for id in ids:
        answer = await cluster.signers[id].ask(do="freeze", **document_json(document, "freeze"))
        assert answer.get("ok"), answer


async def order(cluster: RealCluster, *ids: str, **members: Any) -> None:
    now = int(time.time())
    fields = {"key": None, "signer": None, "incarnation": None, **members}
    made = Order(
        cluster.charter.cluster, cluster.charter.hash, secrets.token_hex(16),
        created_at=now, expires_at=now + 600, **fields,
    )  # fmt: skip
    armor = cluster.administrator.sign(labels.ORDER, made.to_bytes())
    signature = pb.SshSignature(administrator="alice", armor=armor)
    for id in ids:
        answer = await cluster.hub.ask(id, order=pb.Order(body=made.to_bytes(), signatures=[signature]))
        assert not answer.HasField("refusal"), answer


async def stop(cluster: RealCluster, signer: RealSigner, kill: bool = False) -> None:
    signer.stop(kill=kill)
    await cluster.hub.until(lambda: signer.id not in cluster.hub.signers)


async def status(signer: RealSigner) -> dict[str, Any]:
    return await signer.ask(do="status")


async def until(signer: RealSigner, **wanted: object) -> None:
    for _ in range(500):
        state = await status(signer)
        if all(state[name] == value for name, value in wanted.items()):
            return
    raise AssertionError((wanted, state))


async def admit(cluster: RealCluster, content: bytes) -> pb.Open:
    """What every signer admitted, to be opened by any two of them, also by one that forgot it."""
    raw = cluster.user.request(raw_eddsa(content))
    answers = [(await cluster.hub.ask(id, admit=pb.Admit(request=raw))).admitted for id in cluster.signers]
    intent = Intent.from_bytes(answers[0].intent)
    receipts = [answer.admission for answer in answers]
    return pb.Open(intent_hash=intent.hash, format="raw", request=raw, admissions=receipts)


async def refused(cluster: RealCluster, request: pb.Open, session: int) -> None:
    """No two of the three can carry out what was admitted before the freeze."""
    for number, members in enumerate(PAIRS):
        del request.members[:]
        request.members.extend(members)
        request.session = session + number
        answers = [await cluster.hub.ask(id, open=request) for id in members]
        checks = {answer.refusal.check for answer in answers}
        assert checks & {"frozen", "start_rule"}, checks


async def test_two_sockets_stop_three_signers(cluster: RealCluster) -> None:
    case = await admit(cluster, b"before")
    document = workspace(cluster)
    await freeze(cluster, document, "signer-1", "signer-2")
    assert (await status(cluster.signers["signer-3"]))["freeze_count"] == 0, "the server withholds it"
    await refused(cluster, case, 1)
    raw = cluster.user.request(raw_eddsa(b"after"))
    answers = {id: await cluster.hub.ask(id, admit=pb.Admit(request=raw)) for id in cluster.signers}
    assert [a.refusal.reason_class for a in answers.values()] == ["frozen", "frozen", ""]
    await freeze(cluster, document, "signer-3")
    ids = tuple(cluster.signers)
    await order(cluster, *ids, kind="unfreeze", freezes=(Freeze.from_bytes(document.body).id,))
    await cluster.sign(raw_eddsa(b"lifted"), "signer-1", "signer-3")


async def test_a_freeze_survives_kills(cluster: RealCluster) -> None:
    case = await admit(cluster, b"before")
    await freeze(cluster, workspace(cluster), *cluster.signers)
    for signer in cluster.signers.values():
        await stop(cluster, signer, kill=True)
    for signer in cluster.signers.values():
        signer.start(cluster.address)
    await cluster.hub.ready(*cluster.signers)
    assert [(await status(signer))["freeze_count"] for signer in cluster.signers.values()] == [1, 1, 1]
    await refused(cluster, case, 1)


async def test_a_freeze_survives_the_restore_of_one_signer(cluster: RealCluster, tmp_path: Path) -> None:
    """Two know it; one of them comes back from before, and its administrators readmit it. The third never
    heard of it: the two could sign, had the restored one forgotten.
    """
    first = cluster.signers["signer-1"]
    await stop(cluster, first)
    shutil.copytree(first.folder, tmp_path / "older")
    first.start(cluster.address)
    await cluster.hub.ready(first.id)
    case = await admit(cluster, b"before")
    document = workspace(cluster)
    await freeze(cluster, document, "signer-1", "signer-2")
    await stop(cluster, first, kill=True)
    shutil.rmtree(first.folder)
    shutil.copytree(tmp_path / "older", first.folder)
    first.start(cluster.address)
    await until(first, refusal="rolled_back")
    assert (await status(first))["freezes"] == []
    incarnation = (await status(first))["incarnation"]
    await order(cluster, *cluster.signers, kind="readmit", signer=first.id, incarnation=incarnation)
    await until(first, refusal="freeze_behind", may_vote=False)
    await refused(cluster, case, 1)
    await freeze(cluster, document, "signer-1")
    await until(first, refusal="", may_vote=True)
    await refused(cluster, case, 10)


async def test_a_signer_that_was_away_catches_up_by_its_socket(cluster: RealCluster) -> None:
    third = cluster.signers["signer-3"]
    await stop(cluster, third)
    document = workspace(cluster)
    await freeze(cluster, document, "signer-1", "signer-2")
    third.start(cluster.address)
    await until(third, refusal="freeze_behind", may_vote=False)
    await freeze(cluster, document, "signer-3")
    await until(third, refusal="", may_vote=True)
