"""/v1/transactions."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from quorate.core.dialects import fireblocks
from quorate.core.errors import QuorateError
from quorate.core.model.lifecycle import Status
from quorate.server import clock
from quorate.server.api.fireblocks import paging, present_transaction, schemas, transaction_list
from quorate.server.api.fireblocks.door import Caller, Door, json_object, json_response
from quorate.server.api.fireblocks.errors import bad_request, error_response
from quorate.server.service.cancel_transaction import cancel_transaction
from quorate.server.service.context import Context
from quorate.server.service.runner import Runner
from quorate.server.service.submit_transaction import Submission, TooFewAdmissions, submit
from quorate.server.store import idempotency, transactions, vaults
from quorate.server.store.rows import Transaction, read_intent


class TransactionRoutes:
    def __init__(self, ctx: Context, door: Door, runner: Runner) -> None:
        self._ctx = ctx
        self._door = door
        self._runner = runner

    def add_to(self, router: APIRouter) -> None:
        add = router.add_api_route
        add("/transactions", self.create, methods=["POST"], openapi_extra=BODY)
        add("/transactions", self.list, methods=["GET"])
        add("/transactions/external_tx_id/{external_id:path}", self.get_by_external_id, methods=["GET"])
        add("/transactions/{id}", self.get, methods=["GET"])
        add("/transactions/{id}/cancel", self.cancel, methods=["POST"])
        add("/transactions/{id}/drop", self.drop, methods=["POST"], openapi_extra=DROP)

    async def create(self, request: Request) -> Response:
        caller = await self._door.enter(request, write=True)
        received: int = request.scope.get("state", {}).get("received_us") or clock.microseconds()
        return await self._door.once(caller, partial(self._submit, caller, received))

    async def _submit(
        self, caller: Caller, received_us: int, call: idempotency.Call | None
    ) -> dict[str, object]:
        note, reference = _remarks(caller.body)
        if fireblocks.replaces(caller.body):
            return await self._raise_fee(caller, call)
        submission = Submission(
            caller.claims, caller.uri, caller.body, caller.token, received_us, call, note, reference
        )
        try:
            row = await submit(self._ctx, self._runner, submission)
        except TooFewAdmissions as refused:
            failure = _named(refused)
            await self._remember(call, failure)
            raise failure from None
        return {"id": row.id, "status": str(Status.SUBMITTED), "systemMessages": []}

    async def _raise_fee(self, caller: Caller, call: idempotency.Call | None) -> dict[str, object]:
        """`replaceTxByHash`: the same request for a higher fee, which is no new request."""
        charter, certificates = self._ctx.book.charter, self._ctx.book.certificates
        name, asked = fireblocks.read_replacement(caller.body, caller.claims, charter, certificates)
        row = await self._ctx.database.read(partial(transactions.get_by_hash, name=name, chain=asked.chain))
        if row is None:
            raise _missing()
        same_name = asked.external_id in (None, row.external_id)
        if not same_name or not fireblocks.asks_the_same(asked, read_intent(row.intent)):
            raise QuorateError(
                "not_replaceable",
                "only the fee of a transaction is replaced: all else, externalTxId too, stays",
                "caller",
                "take it back with /drop, and send another request",
            )
        stored = await self._runner.replace(row.id, cancels=False, ceiling=asked.fee_ceiling)
        answer: dict[str, object] = {"id": stored.id, "status": stored.status, "systemMessages": []}
        put = partial(idempotency.put, transaction_id=stored.id, status=200, response=json.dumps(answer))
        await self._ctx.database.write(lambda c: put(c, call, clock.milliseconds()))
        return answer

    async def drop(self, request: Request, id: str) -> Response:
        """Bytes that pay nobody take the place of those that are out, if the chain takes them first."""
        caller = await self._door.enter(request, write=True)
        if schemas.read(schemas.Drop, caller.body).txId not in (None, id):
            raise bad_request("txId names another transaction than the path")
        if await self._ctx.database.read(partial(transactions.get, id=id)) is None:
            raise _missing()
        row = await self._runner.replace(id, cancels=True)
        return json_response(
            {"txStatus": row.status, "txId": row.id, "replacedTxHash": row.transaction_hash or ""}
        )

    async def _remember(self, call: idempotency.Call | None, failure: QuorateError) -> None:
        """A refused call is answered in the same words when it is repeated under its key."""
        if call is None:
            return
        response = error_response(failure)
        text = bytes(response.body).decode()
        await self._ctx.database.write(lambda c: idempotency.answer(c, call, response.status_code, text))

    async def list(self, request: Request) -> Response:
        await self._door.enter(request)
        page = transaction_list.read(request)
        rows = await self._ctx.database.read(
            lambda c: transactions.page(c, page.wanted, page.position, page.backwards)
        )
        rows, more = paging.cut(rows, page.wanted.limit, page.backwards)
        headers = transaction_list.headers(request, page, rows, more, self._ctx.config.public_url)
        names = await self._names(rows)
        found = [present_transaction.transaction(row, self._ctx.book.charter, names) for row in rows]
        return json_response(found, headers)

    async def get(self, request: Request, id: str) -> Response:
        await self._door.enter(request)
        return await self._one(await self._ctx.database.read(partial(transactions.get, id=id)))

    async def get_by_external_id(self, request: Request, external_id: str) -> Response:
        caller = await self._door.enter(request)
        read = partial(transactions.get_by_external_id, user=caller.user, external_id=external_id)
        return await self._one(await self._ctx.database.read(read))

    async def _one(self, row: Transaction | None) -> Response:
        if row is None:
            raise _missing()
        names = await self._names([row])
        return json_response(present_transaction.transaction(row, self._ctx.book.charter, names))

    async def cancel(self, request: Request, id: str) -> Response:
        caller = await self._door.enter(request, write=True)
        schemas.read(schemas.Nothing, caller.body)
        if await self._ctx.database.read(partial(transactions.get, id=id)) is None:
            raise _missing()
        return json_response({"success": await cancel_transaction(self._ctx, self._runner, id)})

    async def _names(self, rows: Sequence[Transaction]) -> Mapping[str, str]:
        """Names of the vault accounts that the rows mention."""
        ids = {row.source_account for row in rows}
        ids |= {row.destination_id for row in rows if row.destination_type == "own_account"}
        numbers = [int(id) for id in ids if id is not None]
        return await self._ctx.database.read(lambda c: vaults.names(c, numbers)) if numbers else {}


def _named(refused: TooFewAdmissions) -> QuorateError:
    """The signers' own reason when they had one; otherwise that too few of them answered."""
    said = [refusal for refusal in refused.found.refusals if refusal.is_verdict]
    if not said:
        return refused
    return QuorateError(
        said[0].check, "; ".join(line for refusal in said for line in refusal.lines()), "caller"
    )


def _remarks(body: bytes) -> tuple[str | None, str | None]:
    """`note` and `customerRefId`: kept and shown, not part of the intent. Their types are checked
    with the intent."""
    members: dict[str, Any] = json_object(body)
    note, reference = members.get("note"), members.get("customerRefId")
    return (note if isinstance(note, str) else None, reference if isinstance(reference, str) else None)


def _missing() -> QuorateError:
    return QuorateError("transaction_missing", "there is no such transaction", "caller", "check the id")


DROP = schemas.documented(schemas.Drop)
BODY = {
    "requestBody": {
        "description": "TransactionRequest: TRANSFER, CONTRACT_CALL, TYPED_MESSAGE or RAW",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
