"""Orders on their way through the signers, and the key certificates that come back. The server can
make neither: it carries the administrators' signatures out and collects the keepers'."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model import labels
from quorate.core.model.charter import SignedDocument
from quorate.core.model.charter.chain import check_signatures
from quorate.core.model.records import (
    KEY_CREATE,
    READMIT,
    UNFREEZE,
    KeyCertificate,
    Order,
    Signed,
    SignedCertificate,
)
from quorate.core.proto import link_pb2
from quorate.server import clock, faults
from quorate.server.book import CharterBook
from quorate.server.link.attached import AttachedSigner
from quorate.server.link.hub import Hub
from quorate.server.refusal import Refusal, from_message
from quorate.server.store import ceremonies as store
from quorate.server.store.database import Database
from quorate.server.store.rows import dump

ALREADY_DONE = frozenset({"order_replayed"})
log = logging.getLogger(__name__)


class Ceremonies:
    """Sends each order to each signer until the signer has answered it, also across restarts of either."""

    def __init__(self, book: CharterBook, hub: Hub, database: Database, order_timeout: float) -> None:
        self._book = book
        self._hub = hub
        self._database = database
        self._order_timeout = order_timeout
        self._tasks: set[asyncio.Task[None]] = set()
        self._parts = asyncio.Lock()
        self.steps: defaultdict[str, dict[str, dict[str, object]]] = defaultdict(dict)
        """Order id -> signer -> {"step", "done", "of"}: what is shown, kept in memory only."""
        self.on_lifted: Callable[[Sequence[str]], None] = lambda ids: None
        """Called when a signer has lifted freezes by order."""

    async def load(self) -> None:
        """The certificates, at start."""
        for proof in await self._database.read(store.certificates):
            self._book.add_certificate(proof)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- orders

    async def submit(self, document: SignedDocument) -> Order:
        """Stores the order and sends it out. Its form is checked here, its signatures by each
        keeper, whose word counts.

        Raises QuorateError: the codes of the form, order_charter, signers_missing (key creation
        needs all of them)."""
        order = Order.from_bytes(document.body)
        charter = self._book.charter
        if order.charter != charter.hash:
            raise QuorateError(
                "order_charter",
                "the order is not for the charter in force here",
                "caller",
                "make a new order",
            )
        check_signatures(document, labels.ORDER, charter, quorum=charter.administrator_quorum)
        signers = [signer.id for signer in charter.signers]
        wanted = {KEY_CREATE: signers, READMIT: [order.signer or ""], UNFREEZE: []}[order.kind]
        missing = sorted(set(wanted) - set(self._hub.reachable()))
        if missing:
            message = f"not attached: {', '.join(missing)}"
            raise QuorateError(
                "signers_missing", message, "state", "start these signers, then submit the order again"
            )
        now = clock.milliseconds()
        await self._database.write(lambda c: store.add_order(c, order.id, document, signers, now))
        point(faults.ORDER_STORED)
        for signer in signers:
            self._spawn(self._deliver(order.id, document, signer))
        return order

    async def _deliver(self, order_id: str, document: SignedDocument, signer: str) -> None:
        """One signer's answer, stored. A signer that is away gets the order when it attaches."""
        signatures = [
            link_pb2.SshSignature(administrator=id, armor=armor) for id, armor in document.signatures
        ]
        request = link_pb2.Request(order=link_pb2.Order(body=document.body, signatures=signatures))
        try:
            answer = await self._hub.ask(signer, request, self._order_timeout)
        except QuorateError as failure:
            log.warning("order %s: %s", order_id, failure)
            return
        refusal = from_message(signer, answer.refusal) if answer.WhichOneof("answer") == "refusal" else None
        if refusal is None:
            self.on_lifted(Order.from_bytes(document.body).freezes or ())
        await self._note(order_id, signer, refusal)

    async def _note(self, order_id: str, signer: str, refusal: Refusal | None) -> None:
        state = "refused" if refusal is not None and refusal.check not in ALREADY_DONE else "accepted"
        text = None if refusal is None or state == "accepted" else dump(refusal.to_json())
        delivery = store.Delivery(order_id, signer, state, text)
        await self._database.write(lambda connection: store.set_delivery(connection, delivery))
        point(faults.ORDER_ANSWERED)

    # -- what signers send (CeremonySink)

    def attached(self, signer: AttachedSigner) -> None:
        self._spawn(self._bring_up_to_date(signer))

    def progress(self, signer: str, progress: link_pb2.CeremonyProgress) -> None:
        step = {"step": progress.step, "done": progress.done, "of": progress.of}
        self.steps[progress.order_id][signer] = step

    def certificate_part(self, signer: str, part: link_pb2.CertificatePart) -> None:
        self._spawn(self._take_part(signer, part))

    async def _bring_up_to_date(self, signer: AttachedSigner) -> None:
        """Certificates that one of the two lacks, and orders it has not answered."""
        held = set()
        for certificate in signer.hello.certificates:
            held.add(certificate.body)
            await self._learn(SignedCertificate(certificate.body, dict(certificate.signatures)))
        for proof in self._book.proofs.values():
            if proof.body not in held:
                signer.send(link_pb2.ToSigner(certificate=_message(proof)))
        for delivery in await self._database.read(lambda c: store.deliveries(c, signer=signer.id)):
            if delivery.state == "pending":
                await self._deliver_again(delivery)

    async def _deliver_again(self, delivery: store.Delivery) -> None:
        document = await self._database.read(lambda c: store.get_order(c, delivery.order_id))
        if document is not None and Order.from_bytes(document.body).expires_at > clock.seconds():
            self._spawn(self._deliver(delivery.order_id, document, delivery.signer))

    async def _take_part(self, signer: str, part: link_pb2.CertificatePart) -> None:
        if part.HasField("failure"):
            await self._note(part.order_id, signer, from_message(signer, part.failure))
            return
        signed = Signed(part.certificate.body, part.certificate.signature)
        try:
            key = KeyCertificate.from_bytes(signed.body)
            async with self._parts:
                parts = await self._database.write(lambda c: store.set_part(c, part.order_id, signer, signed))
                point(faults.PART_STORED)
                await self._complete(key, signed.body, parts)
        except QuorateError as failure:
            log.warning("certificate part of %s: %s", signer, failure)

    async def _complete(self, key: KeyCertificate, body: bytes, parts: Mapping[str, Signed]) -> None:
        """All n signatures over the same body make the certificate; nothing less does."""
        signatures = {signer: part.signature for signer, part in parts.items() if part.body == body}
        if key.key in self._book.certificates or set(signatures) != set(key.signers):
            return
        await self._learn(SignedCertificate(body, signatures))
        for signer in self._hub.attached():
            signer.send(link_pb2.ToSigner(certificate=_message(self._book.proofs[key.key])))

    async def _learn(self, proof: SignedCertificate) -> None:
        """Keeps a complete certificate; durable before it is used or served."""
        try:
            key = KeyCertificate.from_bytes(proof.body).key
            if key in self._book.certificates:
                return
            certificate = self._book.verify(proof)
        except QuorateError as failure:
            log.warning("a certificate was not taken: %s", failure)
            return
        now = clock.milliseconds()
        await self._database.write(lambda c: store.add_certificate(c, certificate.key, proof, now))
        point(faults.CERTIFICATE_STORED)
        self._book.add_certificate(proof)
        log.info("key %s is certified by all signers", certificate.key)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _message(proof: SignedCertificate) -> link_pb2.Certificate:
    return link_pb2.Certificate(body=proof.body, signatures=dict(proof.signatures))


def refusal_of(delivery: store.Delivery) -> dict[str, Any] | None:
    """The stored refusal, read."""
    refusal: dict[str, Any] | None = None if delivery.refusal is None else json.loads(delivery.refusal)
    return refusal
