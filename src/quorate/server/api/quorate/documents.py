"""/quorate/v1/documents: what the charter pins about contracts. Its hash is all that a document needs; where
no version pins it, it is not taken.
"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from quorate.core.chains.evm.knowledge.documents import digest
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Annotation
from quorate.core.model.members import Members
from quorate.server.api.body import read_body
from quorate.server.api.fireblocks.door import json_object, json_response
from quorate.server.service.charter.documents import Documents
from quorate.server.service.context import Context


class DocumentRoutes:
    def __init__(self, ctx: Context, documents: Documents) -> None:
        self._ctx = ctx
        self._documents = documents

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/documents", self.submit, methods=["POST"])
        router.add_api_route("/documents", self.listed, methods=["GET"])
        router.add_api_route("/documents/{hash}", self.one, methods=["GET"])

    async def submit(self, request: Request) -> Response:
        """`{"document": hex}`. Answers when the attached signers have, or after some seconds."""
        content = Members(json_object(await read_body(request)), "body", ("document",)).hex("document")
        pins, signers = await self._documents.submit(content)
        contracts = [{"chain": pin.chain, "contract": pin.contract} for pin in pins]
        return json_response({"hash": digest(content).hex(), "contracts": contracts, "signers": signers})

    async def listed(self, request: Request) -> Response:
        return json_response({"documents": state(self._ctx, self._documents)})

    async def one(self, request: Request, hash: str) -> Response:
        try:
            content = self._documents.find(bytes.fromhex(hash))
        except ValueError:
            content = None
        if content is None:
            raise QuorateError("document_unknown", "no document with this hash is here")
        return json_response({"hash": hash, "document": content.hex()})


def state(ctx: Context, documents: Documents) -> list[dict[str, object]]:
    """Each pin of the version in force; which signers have its document is their claim."""
    return [_pin(documents, pin) for pin in ctx.book.charter.annotations]


def _pin(documents: Documents, pin: Annotation) -> dict[str, object]:
    return {
        "chain": pin.chain,
        "contract": pin.contract,
        "hash": pin.hash.hex(),
        "held": documents.find(pin.hash) is not None,
        "held_by": documents.holders(pin.hash),
    }
