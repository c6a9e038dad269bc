"""What administrators signed besides orders, and what the signers acknowledged last."""

import json
from collections.abc import Collection
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from quorate.core.model.charter import SignedDocument
from quorate.core.model.records import Order, Signed
from quorate.server.store.rows import dump
from quorate.server.store.schema import acknowledgements, order_deliveries, orders, signed_documents

FREEZE: Final = "freeze"
CHARTER: Final = "charter"
VETO: Final = "veto"


def add_document(connection: Connection, kind: str, id: str, document: SignedDocument, now_ms: int) -> bool:
    """False when it is known."""
    c = signed_documents.c
    if connection.execute(select(c.id).where(c.kind == kind, c.id == id)).first() is not None:
        return False
    values = {"kind": kind, "id": id, "body": document.body, "signatures": dump(document.signatures)}
    connection.execute(insert(signed_documents), {**values, "created_ms": now_ms})
    return True


def documents(connection: Connection, kind: str) -> list[SignedDocument]:
    """In the order in which they came."""
    c = signed_documents.c
    rows = connection.execute(select(c.body, c.signatures).where(c.kind == kind).order_by(c.created_ms, c.id))
    return [
        SignedDocument(row.body, tuple((id, armor) for id, armor in json.loads(row.signatures)))
        for row in rows
    ]


def drop_documents(connection: Connection, kind: str, ids: Collection[str]) -> None:
    c = signed_documents.c
    connection.execute(delete(signed_documents).where(c.kind == kind, c.id.in_(ids)))


def accepted_orders(connection: Connection, kind: str) -> list[Order]:
    """Orders of a kind that one signer at least has carried out."""
    accepted = select(order_deliveries.c.order_id).where(order_deliveries.c.state == "accepted")
    rows = connection.execute(select(orders.c.body).where(orders.c.id.in_(accepted)))
    found = [Order.from_bytes(row.body) for row in rows]
    return [order for order in found if order.kind == kind]


def set_acknowledgement(connection: Connection, signer: str, said: Signed) -> None:
    connection.execute(delete(acknowledgements).where(acknowledgements.c.signer == signer))
    values = {"signer": signer, "body": said.body, "signature": said.signature}
    connection.execute(insert(acknowledgements), values)


def get_acknowledgements(connection: Connection) -> dict[str, Signed]:
    c = acknowledgements.c
    rows = connection.execute(select(c.signer, c.body, c.signature))
    return {row.signer: Signed(row.body, row.signature) for row in rows}
