"""Orders, their way through the signers, and the key certificates that come of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from quorate.core.model.charter import SignedDocument
from quorate.core.model.records import Signed, SignedCertificate
from quorate.server.store.rows import dump
from quorate.server.store.schema import certificate_parts, key_certificates, order_deliveries, orders


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one signer made of an order. `state`: pending, accepted or refused; `refusal` is JSON of the
    last one."""

    order_id: str
    signer: str
    state: str
    refusal: str | None


def add_order(
    connection: Connection, id: str, order: SignedDocument, signers: Sequence[str], now_ms: int
) -> bool:
    """False when the order is known."""
    if connection.execute(select(orders.c.id).where(orders.c.id == id)).first() is not None:
        return False
    values = {"id": id, "body": order.body, "signatures": dump(order.signatures), "created_ms": now_ms}
    connection.execute(insert(orders), values)
    connection.execute(
        insert(order_deliveries),
        [{"order_id": id, "signer": signer, "state": "pending", "refusal": None} for signer in signers],
    )
    return True


def get_order(connection: Connection, id: str) -> SignedDocument | None:
    row = connection.execute(select(orders.c.body, orders.c.signatures).where(orders.c.id == id)).first()
    if row is None:
        return None
    signatures = tuple((administrator, armor) for administrator, armor in json.loads(row.signatures))
    return SignedDocument(row.body, signatures)


def deliveries(
    connection: Connection, *, order_id: str | None = None, signer: str | None = None
) -> list[Delivery]:
    statement = select(*[order_deliveries.c[name] for name in Delivery.__dataclass_fields__])
    if order_id is not None:
        statement = statement.where(order_deliveries.c.order_id == order_id)
    if signer is not None:
        statement = statement.where(order_deliveries.c.signer == signer)
    return [Delivery(*row) for row in connection.execute(statement.order_by(order_deliveries.c.signer))]


def set_delivery(connection: Connection, delivery: Delivery) -> None:
    where = (order_deliveries.c.order_id == delivery.order_id, order_deliveries.c.signer == delivery.signer)
    connection.execute(delete(order_deliveries).where(*where))
    connection.execute(
        insert(order_deliveries),
        {
            "order_id": delivery.order_id,
            "signer": delivery.signer,
            "state": delivery.state,
            "refusal": delivery.refusal,
        },
    )


def set_part(connection: Connection, order_id: str, signer: str, part: Signed) -> dict[str, Signed]:
    """Keeps a signer's part of a certificate, the newest one; all parts of that order."""
    where = (certificate_parts.c.order_id == order_id, certificate_parts.c.signer == signer)
    connection.execute(delete(certificate_parts).where(*where))
    values = {"order_id": order_id, "signer": signer, "body": part.body, "signature": part.signature}
    connection.execute(insert(certificate_parts), values)
    columns = (certificate_parts.c.signer, certificate_parts.c.body, certificate_parts.c.signature)
    rows = connection.execute(select(*columns).where(certificate_parts.c.order_id == order_id))
    return {name: Signed(body, signature) for name, body, signature in rows}


def add_certificate(connection: Connection, key: str, certificate: SignedCertificate, now_ms: int) -> bool:
    """False when there is one: a key is created once."""
    if (
        connection.execute(select(key_certificates.c.key).where(key_certificates.c.key == key)).first()
        is not None
    ):
        return False
    signatures = dump({signer: signature.hex() for signer, signature in certificate.signatures.items()})
    values = {"key": key, "body": certificate.body, "signatures": signatures, "created_ms": now_ms}
    connection.execute(insert(key_certificates), values)
    return True


def certificates(connection: Connection) -> list[SignedCertificate]:
    rows = connection.execute(select(key_certificates.c.body, key_certificates.c.signatures))
    return [
        SignedCertificate(
            body, {signer: bytes.fromhex(text) for signer, text in json.loads(signatures).items()}
        )
        for body, signatures in rows
    ]
