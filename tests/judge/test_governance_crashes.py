"""kill -9 between the durable steps of freezes, vetoes and waiting charter versions: what was answered holds,
and what was not is as if it had never come, and can come again.
"""

import json
import secrets
import time
from pathlib import Path
from typing import Any

import pytest

from quorate.core.model import canonical, labels
from quorate.core.model.charter import SignedDocument, parse
from quorate.core.model.charter.chain import document_json
from quorate.core.model.freeze import Freeze
from quorate.core.model.records import Order
from quorate.core.model.veto import Veto
from quorate.core.proto import link_pb2 as pb
from quorate.judge import faults
from tests.crash.points import GOVERNANCE
from tests.judge.cluster import CAPPED, chain_json
from tests.judge.real_cluster import RealCluster

POINTS = tuple(point for point in faults.POINTS if point in GOVERNANCE)
TIMELOCK = 3600


@pytest.mark.parametrize("point", POINTS)
async def test_it_holds_or_never_was(tmp_path: Path, point: str) -> None:
    """Afterwards the step succeeds, whatever the crash left, and keeper and database agree."""
    cluster = RealCluster(tmp_path, CAPPED, timelock=TIMELOCK)
    async with cluster.running():
        await cluster.activate()
        step = Step(cluster, point.split(".")[1])
        await step.prepare()
        signer = cluster.signers["signer-1"]
        signer.stop()
        await cluster.hub.until(lambda: signer.id not in cluster.hub.signers)
        signer.start(cluster.address, QUORATE_FAULT=point)
        await cluster.hub.until(lambda: signer.id in cluster.hub.signers or signer.dead)
        with pytest.raises((ConnectionError, json.JSONDecodeError)):
            await step.run()
        await cluster.hub.until(lambda: signer.dead)
        assert signer.judge
        assert signer.judge.returncode == -9
        signer.reap()
        signer.start(cluster.address)
        await cluster.hub.until(lambda: signer.id in cluster.hub.signers)
        assert await step.is_done() is point.endswith("after_commit")
        await step.run()
        assert await step.is_done()
        assert "mismatch" not in signer.journal()


def test_every_point_is_reached() -> None:
    assert len(POINTS) == 6


class Step:
    """One thing that administrators do at signer-1."""

    def __init__(self, cluster: RealCluster, name: str) -> None:
        self._cluster = cluster
        self._name = name
        self._signer = cluster.signers["signer-1"]
        freeze = Freeze(cluster.charter.cluster, secrets.token_hex(16), "key", "ecdsa", "alice", 1)
        self._freeze = self._signed(freeze.to_bytes(), labels.FREEZE)
        value = dict(canonical.decode(cluster.charter.body))  # type: ignore[call-overload]
        value.update(version=2, previous=cluster.charter.hash.hex(), skew=9)
        self._version = self._signed(canonical.encode(value), labels.CHARTER)
        veto = Veto(cluster.charter.cluster, parse(self._version.body).hash, "alice", 1)
        self._veto = self._signed(veto.to_bytes(), labels.VETO)

    def _signed(self, body: bytes, label: str) -> SignedDocument:
        return SignedDocument(body, (("alice", self._cluster.administrator.sign(label, body)),))

    async def prepare(self) -> None:
        if self._name == "unfreeze":
            await self._ask("freeze", **document_json(self._freeze, "freeze"))
        if self._name == "veto":
            await self._propose()

    async def run(self) -> None:
        match self._name:
            case "freeze":
                await self._ask("freeze", **document_json(self._freeze, "freeze"))
            case "unfreeze":
                await self._lift()
            case "proposal":
                await self._propose()
            case _:
                await self._ask("veto", **document_json(self._veto, "veto"))

    async def is_done(self) -> bool:
        status = await self._signer.ask(do="status")
        match self._name:
            case "freeze":
                return bool(status["freezes"])
            case "unfreeze":
                return not status["freezes"]
            case "proposal":
                return bool(status["pending"])
            case _:
                return bool(status["pending"][0]["vetoed_by"])

    async def _ask(self, do: str, **members: Any) -> None:
        answer = await self._signer.ask(do=do, **members)
        assert answer.get("ok"), answer

    async def _propose(self) -> None:
        chain = chain_json(self._cluster.document, self._version)
        await self._ask("activate", chain=chain, hash=None)

    async def _lift(self) -> None:
        now = int(time.time())
        order = Order(
            self._cluster.charter.cluster, self._cluster.charter.hash, secrets.token_hex(16), "unfreeze",
            None, None, None, now, now + 600, (Freeze.from_bytes(self._freeze.body).id,),
        )  # fmt: skip
        document = self._signed(order.to_bytes(), labels.ORDER)
        signatures = [pb.SshSignature(administrator=id, armor=armor) for id, armor in document.signatures]
        answer = await self._cluster.hub.ask(
            "signer-1", order=pb.Order(body=document.body, signatures=signatures)
        )
        assert answer.HasField("standing"), answer
