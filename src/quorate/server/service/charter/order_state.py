"""How far an order has come: what `GET /quorate/v1/orders/{id}` answers."""

from collections.abc import Collection
from typing import Any, Final

from quorate.core.model.records import KEY_CREATE, READMIT, UNFREEZE, Order
from quorate.server import clock
from quorate.server.book import CharterBook
from quorate.server.service.charter.ceremonies import Ceremonies, refusal_of
from quorate.server.service.context import Context
from quorate.server.store import ceremonies as store

EXPIRED: Final[dict[str, object]] = {
    "code": "order_expired",
    "message": "the order was not carried out in time",
    "whose": "state",
    "hint": "make a new order",
}


async def order_state(ctx: Context, ceremonies: Ceremonies, id: str) -> dict[str, Any] | None:
    """None for an unknown order. `status`: running, done or failed; `error` says why it failed, by
    the first signer that refused."""
    document = await ctx.database.read(lambda connection: store.get_order(connection, id))
    if document is None:
        return None
    order = Order.from_bytes(document.body)
    deliveries = await ctx.database.read(lambda connection: store.deliveries(connection, order_id=id))
    signers = {
        d.signer: {"state": d.state, "refusal": refusal_of(d), **ceremonies.steps[id].get(d.signer, {})}
        for d in deliveries
    }
    certificate = (
        ctx.book.proof_json(order.key) if _is_of(ctx.book, order) and order.key is not None else None
    )
    effective = ctx.book.charter.n - ctx.book.charter.threshold + 1
    status, error = _status(order, deliveries, certificate is not None, ctx.hub.reachable(), effective)
    return {
        "id": id,
        "kind": order.kind,
        "key": order.key,
        "signer": order.signer,
        "freezes": order.freezes,
        "status": status,
        "error": error,
        "signers": signers,
        "certificate": certificate,
    }


def _is_of(book: CharterBook, order: Order) -> bool:
    certificate = book.certificates.get(order.key or "")
    return certificate is not None and certificate.order == order.hash


def _status(
    order: Order, deliveries: list[store.Delivery], certified: bool, attached: Collection[str], effective: int
) -> tuple[str, dict[str, object] | None]:
    """Key creation is done with the certificate; re-admission when its subject and all who are here know
    of it; the lifting of freezes when `effective` signers and all who are here have lifted them."""
    subject = [d for d in deliveries if order.kind != READMIT or d.signer == order.signer]
    refused = [d for d in subject if d.state == "refused"]
    lifted = sum(d.state == "accepted" for d in deliveries) >= effective
    accepted = lifted if order.kind == UNFREEZE else all(d.state == "accepted" for d in subject)
    waiting = any(d.state == "pending" and d.signer in attached for d in deliveries)
    if certified or (order.kind != KEY_CREATE and accepted and not waiting):
        return "done", None
    if refused:
        return "failed", _error(refused[0])
    if clock.seconds() >= order.expires_at:
        return "failed", EXPIRED
    return "running", None


def _error(delivery: store.Delivery) -> dict[str, object]:
    refusal = refusal_of(delivery) or {}
    return {
        "code": refusal.get("check", "refused"),
        "message": f"{delivery.signer}: {refusal.get('message', '')}",
        "whose": refusal.get("whose") or "caller",
        "hint": "see the signer's own log",
    }
