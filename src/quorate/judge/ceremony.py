"""Orders and key certificates: passed to the keeper, who checks them against its own charter, and recorded
when they took effect.
"""

import json

from quorate.core import faults
from quorate.core.errors import QuorateError
from quorate.core.model.records import (
    READMIT,
    UNFREEZE,
    KeyCertificate,
    Order,
    Signed,
    SignedCertificate,
    verify_certificate,
)
from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge import refusals
from quorate.judge.clock import Clock
from quorate.judge.documents import from_link, to_keeper
from quorate.judge.freezing import Freezing
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.log import Log
from quorate.judge.start_rule import StartRule
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store


class CeremonyEvents:
    """The keeper's side of a ceremony, as it goes to the server. A part of a certificate is kept until the
    whole is there.
    """

    def __init__(self, state: SignerState, store: Store) -> None:
        self._state = state
        self._store = store

    def record_part(self, part: keeper_pb2.CertificatePart) -> None:
        certificate = Signed(part.certificate.body, part.certificate.signature)
        self._store.certificates.add_part(part.order_id.hex(), certificate)
        faults.point("judge.part.before_commit")

    def part(self, part: keeper_pb2.CertificatePart) -> link_pb2.ToServer:
        faults.point("judge.part.after_commit")
        return _part(part.order_id.hex(), Signed(part.certificate.body, part.certificate.signature))

    def dead(self, dead: keeper_pb2.CeremonyDead) -> link_pb2.ToServer:
        reason = dead.reason
        error = QuorateError(
            reason.code, reason.message, reason.whose or "bug", reason.hint, culprits=tuple(reason.culprits)
        )
        failure = refusals.to_link(error, self._state.id)
        return link_pb2.ToServer(
            certificate_part=link_pb2.CertificatePart(order_id=dead.order_id.hex(), failure=failure)
        )

    def progress(self, progress: keeper_pb2.CeremonyProgress) -> link_pb2.ToServer:
        return link_pb2.ToServer(
            ceremony_progress=link_pb2.CeremonyProgress(
                order_id=progress.order_id.hex(), step=progress.step, done=progress.done, of=progress.of
            )
        )

    def unfinished_parts(self) -> list[link_pb2.ToServer]:
        """To be offered again at every attach: an order runs once, so its part must not be lost with a
        connection.
        """
        return [_part(order_id, signed) for order_id, signed in self._store.certificates.parts()]


class Ceremonies:
    def __init__(
        self,
        state: SignerState,
        store: Store,
        log: Log,
        keeper: KeeperClient,
        clock: Clock,
        start: StartRule,
        freezing: Freezing,
    ) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._keeper = keeper
        self._clock = clock
        self._start = start
        self._freezing = freezing

    async def order(self, request: link_pb2.Order) -> Order:
        """Starts what a quorum of administrators ordered. Raises QuorateError with the keeper's check, or for
        a malformed order.
        """
        self._state.require_charter()
        order, document = Order.from_bytes(request.body), from_link(request)
        if order.kind == UNFREEZE:
            await self._freezing.lift(order, document)
            return order
        readmits_us = order.kind == READMIT and order.signer == self._state.id
        await self._keeper.ask(
            keeper_pb2.ToKeeper(order=keeper_pb2.Order(order=to_keeper(document), time_ms=self._clock())),
            record=(lambda _: self._record_readmission(order)) if readmits_us else None,
        )
        if readmits_us:
            await self._start.refresh()
        return order

    async def complete(self, certificate: link_pb2.Certificate) -> None:
        """A certificate with all signatures: verified here, then by the keeper, whose key becomes usable.
        Raises QuorateError.
        """
        signed = SignedCertificate(certificate.body, dict(certificate.signatures))
        key = verify_certificate(signed, self._state.charters)
        if key.key in self._state.certificates:
            return
        await self._keeper.ask(
            keeper_pb2.ToKeeper(
                certificate=keeper_pb2.Certificate(body=certificate.body, signatures=certificate.signatures)
            ),
            record=lambda _: self._record_certificate(key, signed),
        )
        faults.point("judge.certificate.after_commit")
        self._state.certificates = {**self._state.certificates, key.key: key}

    def _record_readmission(self, order: Order) -> None:
        self._log.append("readmitted", {"order": order.id, "incarnation": order.incarnation}, self._clock())

    def _record_certificate(self, key: KeyCertificate, signed: SignedCertificate) -> None:
        if not self._store.certificates.add(key.key, json.dumps(signed.to_json()).encode()):
            return
        self._store.certificates.drop_part(signed.body)
        data = {
            "key": key.key,
            "curve": key.curve,
            "public_key": key.public_key.hex(),
            "order": key.order.hex(),
        }
        self._log.append("key_created", data, self._clock())
        faults.point("judge.certificate.before_commit")


def _part(order_id: str, signed: Signed) -> link_pb2.ToServer:
    certificate = link_pb2.Signed(body=signed.body, signature=signed.signature)
    return link_pb2.ToServer(
        certificate_part=link_pb2.CertificatePart(order_id=order_id, certificate=certificate)
    )
