"""Orders through the server, and certificates back."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quorate.core.errors import Refused
from quorate.core.model import canonical, labels
from quorate.core.model.charter import SignedDocument
from quorate.core.model.charter.chain import document_json
from quorate.core.model.records import KeyCertificate, Order
from quorate.core.proto import link_pb2 as pb
from tests.judge.cluster import SIGNERS, Cluster
from tests.server.running import Running, serve
from tests.server.signers import WillingSigner


class FreshSigner(WillingSigner):
    """Holds no certificate yet; certifies the key when it is ordered to."""

    async def handle(self, message: pb.ToSigner) -> None:
        await super().handle(message)
        if message.HasField("request") and message.request.HasField("order"):
            order = Order.from_bytes(message.request.order.body)
            if order.kind == "key-create":
                await self.certify(order)

    def hello(self) -> pb.Hello:
        hello = super().hello()
        del hello.certificates[:]
        return hello

    async def certify(self, order: Order) -> None:
        progress = pb.CeremonyProgress(order_id=order.id, step="round 1", done=1, of=3)
        await self.send(pb.ToServer(ceremony_progress=progress))
        template = KeyCertificate.from_bytes(self.cluster.certificates[order.key or ""].body)
        key = canonical.decode(template.to_bytes())
        assert isinstance(key, dict)
        body = canonical.encode({**key, "order": order.hash.hex()})
        signed = self.me.sign(labels.KEY, body)
        part = pb.CertificatePart(
            order_id=order.id, certificate=pb.Signed(body=body, signature=signed.signature)
        )
        await self.send(pb.ToServer(certificate_part=part))


class OrderRefuser(FreshSigner):
    """Its keeper refuses orders."""

    def order(self, request: pb.Request) -> pb.Answer | None:
        raise Refused("order_expired", "too late", reason_class="expired")

    async def certify(self, order: Order) -> None:
        return


@pytest.fixture
async def fresh(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Running]:
    async with serve(cluster, tmp_path) as running:
        yield running


async def attach(server: Running, kind: type[WillingSigner], ids: tuple[str, ...] = SIGNERS) -> None:
    for id in ids:
        server.signers[id] = kind(server.cluster, id)
        await server.signers[id].attach(server.link)


def order(cluster: Cluster, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    value = {
        "cluster": cluster.charter.cluster,
        "charter": cluster.charter.hash.hex(),
        "id": secrets.token_hex(16),
        "kind": "key-create",
        "key": "eddsa",
        "signer": None,
        "incarnation": None,
        "created_at": now,
        "expires_at": now + 600,
        **changes,
    }
    body = canonical.encode(value)
    signatures = (("alice", cluster.administrator.sign(labels.ORDER, body)),)
    return document_json(SignedDocument(body, signatures), "order")


async def settled(server: Running, id: str) -> dict[str, Any]:
    for _ in range(200):
        state: dict[str, Any] = (await server.http.get(f"{server.url}/quorate/v1/orders/{id}")).json()
        if state["status"] != "running":
            return state
        await asyncio.sleep(0.02)
    raise AssertionError(state)


async def test_a_key_is_certified_by_all_and_handed_to_all(fresh: Running) -> None:
    await attach(fresh, FreshSigner)
    response = await fresh.http.post(fresh.url + "/quorate/v1/orders", json=order(fresh.cluster))
    assert response.status_code == 200, response.text
    state = await settled(fresh, response.json()["id"])
    assert (state["status"], state["error"]) == ("done", None)
    assert state["signers"]["signer-1"]["step"] == "round 1"
    assert sorted(state["certificate"]["signatures"]) == list(SIGNERS)
    keys = (await fresh.http.get(fresh.url + "/quorate/v1/keys")).json()["keys"]
    assert keys == [state["certificate"]]
    await asyncio.sleep(0.1)
    for signer in fresh.signers.values():
        assert sum(message.HasField("certificate") for message in signer.received) == 1
    late = FreshSigner(fresh.cluster, "signer-1")
    await late.attach(fresh.link)
    await asyncio.sleep(0.1)
    assert sum(message.HasField("certificate") for message in late.received) == 1
    await late.detach()


async def test_a_refused_order_fails_with_the_signers_check(fresh: Running) -> None:
    await attach(fresh, FreshSigner, SIGNERS[:2])
    await attach(fresh, OrderRefuser, SIGNERS[2:])
    id = (await fresh.http.post(fresh.url + "/quorate/v1/orders", json=order(fresh.cluster))).json()["id"]
    state = await settled(fresh, id)
    assert (state["status"], state["error"]["code"]) == ("failed", "order_expired")
    assert "signer-3" in state["error"]["message"]


async def test_key_creation_needs_every_signer(fresh: Running) -> None:
    await attach(fresh, FreshSigner, SIGNERS[:2])
    response = await fresh.http.post(fresh.url + "/quorate/v1/orders", json=order(fresh.cluster))
    assert (response.status_code, response.json()["error"]["code"]) == (409, "signers_missing")
    assert "signer-3" in response.json()["error"]["message"]
    assert all(signer.asked == [] for signer in fresh.signers.values())


async def test_a_readmission_reaches_who_was_away(fresh: Running) -> None:
    await attach(fresh, FreshSigner, SIGNERS[:2])
    wanted = order(fresh.cluster, kind="readmit", key=None, signer="signer-1", incarnation=2)
    id = (await fresh.http.post(fresh.url + "/quorate/v1/orders", json=wanted)).json()["id"]
    state = await settled(fresh, id)
    assert state["status"] == "done"
    assert state["signers"]["signer-3"]["state"] == "pending"
    await attach(fresh, FreshSigner, SIGNERS[2:])
    await asyncio.sleep(0.2)
    assert fresh.signers["signer-3"].asked == ["order"]
    state = (await fresh.http.get(f"{fresh.url}/quorate/v1/orders/{id}")).json()
    assert state["signers"]["signer-3"]["state"] == "accepted"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda o: o["order"].update(charter="0" * 64), "order_charter"),
        (lambda o: o["order"].update(key="other"), "charter_signature"),
        (lambda o: o.update(signatures=[]), "charter_quorum"),
        (lambda o: o["order"].update(unheard=1), "unknown_member"),
        (lambda o: o["order"].pop("kind"), "missing_member"),
        (lambda o: o.pop("order"), "missing_member"),
    ],
)
async def test_bad_orders_travel_nowhere(willing: Running, change: Any, code: str) -> None:
    wanted = order(willing.cluster)
    change(wanted)
    response = await willing.http.post(willing.url + "/quorate/v1/orders", json=wanted)
    assert (400 <= response.status_code < 500, response.json()["error"]["code"]) == (True, code)
    assert all("order" not in signer.asked for signer in willing.signers.values())


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"order":1,"order":2}', b"\xff"])
async def test_malformed_orders(willing: Running, raw: bytes) -> None:
    response = await willing.http.post(willing.url + "/quorate/v1/orders", content=raw)
    assert response.status_code == 400
    assert set(response.json()["error"]) == {"code", "message", "whose", "hint"}


async def test_the_native_reads(willing: Running) -> None:
    get = willing.http.get
    chain = (await get(willing.url + "/quorate/v1/charter")).json()
    assert canonical.encode(chain[0]["charter"]) == willing.cluster.charter.body
    status = (await get(willing.url + "/quorate/v1/status")).json()
    assert (status["ready"], status["threshold"], len(status["signers"])) == (True, 2, 3)
    assert status["keys"] == {"ecdsa": True, "eddsa": True}
    for path in ("orders/none", "intents/00", "intents/zz", "nothing"):
        missing = await get(f"{willing.url}/quorate/v1/{path}")
        assert (missing.status_code, set(missing.json())) == (404, {"error"})
    assert (await get(willing.url + "/healthz")).json() == {"status": "ok"}
    assert "quorate_signers_ready 3.0" in (await get(willing.url + "/metrics")).text
    document = (await get(willing.url + "/openapi.json")).json()
    assert {"/v1/transactions", "/quorate/v1/status", "/healthz"} <= set(document["paths"])
    assert json.dumps(document)
