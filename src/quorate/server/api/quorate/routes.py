"""/quorate/v1. Orders and statements carry their own signatures; the rest is read-only."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from quorate.core.errors import QuorateError
from quorate.core.model.charter import dump_chain
from quorate.core.model.charter.chain import read_document
from quorate.core.model.lifecycle import Status
from quorate.core.model.statement import from_json
from quorate.server.api.body import read_body
from quorate.server.api.fireblocks.door import json_object, json_response
from quorate.server.api.quorate.intents import brief, describe
from quorate.server.api.quorate.status import status
from quorate.server.service.charter.ceremonies import Ceremonies
from quorate.server.service.charter.governance import Governance
from quorate.server.service.charter.order_state import order_state
from quorate.server.service.collect import collect
from quorate.server.service.context import Context
from quorate.server.service.heard import heard
from quorate.server.service.prediction import missing
from quorate.server.store import statements, transactions
from quorate.server.store.rows import Transaction, read_intent

MOST_WAITING = 500


class NativeRoutes:
    def __init__(self, ctx: Context, ceremonies: Ceremonies, governance: Governance) -> None:
        self._ctx = ctx
        self._governance = governance
        self._ceremonies = ceremonies

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/status", self.status, methods=["GET"])
        router.add_api_route("/charter", self.charter, methods=["GET"])
        router.add_api_route("/orders", self.submit_order, methods=["POST"])
        router.add_api_route("/orders/{id}", self.order, methods=["GET"])
        router.add_api_route("/keys", self.keys, methods=["GET"])
        router.add_api_route("/intents", self.waiting, methods=["GET"])
        router.add_api_route("/intents/{hash}", self.intent, methods=["GET"])
        router.add_api_route("/statements", self.submit_statement, methods=["POST"])

    async def status(self, request: Request) -> Response:
        return json_response(await status(self._ctx, self._governance))

    async def charter(self, request: Request) -> Response:
        """The chain in its file form: whoever reads it verifies it."""
        return Response(dump_chain(self._ctx.book.documents), media_type="application/json")

    async def submit_order(self, request: Request) -> Response:
        document = read_document(json_object(await read_body(request)), "", "order")
        order = await self._ceremonies.submit(document)
        return json_response(await order_state(self._ctx, self._ceremonies, order.id))

    async def order(self, request: Request, id: str) -> Response:
        found = await order_state(self._ctx, self._ceremonies, id)
        if found is None:
            raise QuorateError("order_unknown", "no such order was submitted here")
        return json_response(found)

    async def keys(self, request: Request) -> Response:
        """The certificates of the keys that exist, each with all its signatures."""
        return json_response({"keys": [proof.to_json() for proof in self._ctx.book.proofs.values()]})

    async def intent(self, request: Request, hash: str) -> Response:
        try:
            wanted = bytes.fromhex(hash)
        except ValueError:
            wanted = b""
        row = await self._ctx.database.read(lambda c: transactions.get_by_intent(c, wanted))
        if row is None:
            raise QuorateError("intent_unknown", "no request with this intent hash was admitted here")
        return json_response(await self._describe(row))

    async def _describe(self, row: Transaction) -> dict[str, object]:
        read = self._ctx.database.read
        lacking = missing(self._ctx, read_intent(row.intent), await heard(self._ctx, row))
        return describe(
            row,
            await read(lambda c: transactions.sessions_of(c, row.id)),
            await read(lambda c: statements.of_intent(c, row.intent_hash)),
            await read(lambda c: statements.first_attempt(c, row.id)),
            lacking if row.status == Status.PENDING_AUTHORIZATION else (),
        )

    async def waiting(self, request: Request) -> Response:
        """Requests that people are asked about, the oldest first, at most `MOST_WAITING`."""
        rows = await self._ctx.database.read(lambda c: transactions.waiting(c, MOST_WAITING))
        return json_response({"intents": [brief(row) for row in rows]})

    async def submit_statement(self, request: Request) -> Response:
        """An approver's statement. The answer says how the request stands with it."""
        signed = from_json(json_object(await read_body(request)))
        row = await collect(self._ctx, signed)
        found = await self._describe(row)
        names = ("intent_hash", "transaction", "status", "approvals_missing")
        return json_response({name: found[name] for name in names})
