"""/quorate/v1: freezes, charter changes and vetoes. They carry administrators' signatures; whoever submits
them gains nothing by it.
"""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from quorate.core.errors import QuorateError
from quorate.core.model.charter.chain import document_json, read_document
from quorate.server.api.body import read_body
from quorate.server.api.fireblocks.door import json_object, json_response
from quorate.server.service.charter.governance import Governance
from quorate.server.service.context import Context
from quorate.server.store import transactions, versions
from quorate.server.store.rows import Transaction

MAX_LISTED: Final = 1000


class GovernanceRoutes:
    def __init__(self, ctx: Context, governance: Governance) -> None:
        self._ctx = ctx
        self._governance = governance

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/freezes", self.submit_freeze, methods=["POST"])
        router.add_api_route("/freezes", self.freezes, methods=["GET"])
        router.add_api_route("/charters", self.propose, methods=["POST"])
        router.add_api_route("/charters", self.proposals, methods=["GET"])
        router.add_api_route("/vetoes", self.submit_veto, methods=["POST"])

    async def submit_freeze(self, request: Request) -> Response:
        """Answers when the attached signers have, or after some seconds. What was signed and is not confirmed
        is told to the administrator who proves to be one, and to nobody else.
        """
        document = read_document(json_object(await read_body(request)), "", "freeze")
        freeze = await self._governance.freeze(document)
        rows = (await self._ctx.database.read(transactions.unconfirmed))[:MAX_LISTED]
        names = await self._ctx.database.read(lambda c: versions.names(c, [row.id for row in rows]))
        listed = [unconfirmed(row, names.get(row.id, [])) for row in rows]
        return json_response(
            {
                "freeze": freeze.to_json(),
                **freeze_state(self._ctx, self._governance),
                "unconfirmed": listed,
            }
        )

    async def freezes(self, request: Request) -> Response:
        documents = self._governance.freezes.documents
        in_force = self._governance.freezes.known.in_force
        return json_response(
            {
                **freeze_state(self._ctx, self._governance),
                "freezes": [document_json(documents[id], "freeze") for id in in_force],
                "lifted": sorted(self._governance.freezes.known.lifted),
                "acknowledgements": self._acknowledgements(),
            }
        )

    async def propose(self, request: Request) -> Response:
        """`{"versions": [..]}` in the file form; those in force here are passed over."""
        versions = json_object(await read_body(request)).get("versions")
        if not isinstance(versions, list):
            raise QuorateError("bad_request", "versions: an array of signed charter versions is expected")
        documents = [read_document(item, f"versions[{at}]", "charter") for at, item in enumerate(versions)]
        await self._governance.propose(documents)
        return json_response(proposals(self._ctx, self._governance))

    async def proposals(self, request: Request) -> Response:
        return json_response(proposals(self._ctx, self._governance))

    async def submit_veto(self, request: Request) -> Response:
        document = read_document(json_object(await read_body(request)), "", "veto")
        veto = await self._governance.veto(document)
        return json_response(
            {"charter": veto.charter.hex(), "by": veto.by, **proposals(self._ctx, self._governance)}
        )

    def _acknowledgements(self) -> dict[str, dict[str, str]]:
        """Signed by each signer's vote key: whoever reads them can verify them."""
        said = {s.id: self._governance.standings.said(s.id) for s in self._ctx.book.charter.signers}
        return {
            signer: {"body": each.signed.body.hex(), "signature": each.signed.signature.hex()}
            for signer, each in said.items()
            if each is not None
        }


def freeze_state(ctx: Context, governance: Governance) -> dict[str, object]:
    """Effective means that no t signers can sign without one that knows: n - t + 1 have acknowledged exactly
    what is known here.
    """
    charter, known = ctx.book.charter, governance.freezes.known
    acknowledged, needed = governance.standings.knowing(known.state), charter.n - charter.threshold + 1
    return {
        "in_force": [freeze.to_json() for freeze in known.in_force.values()],
        "count": known.state.count,
        "hash": known.state.hash.hex(),
        "acknowledged": acknowledged,
        "needed": needed,
        "effective": len(acknowledged) >= needed,
        "refusals": {id: refusal.to_json() for id, refusal in governance.freezes.refusals.items()},
    }


def proposals(ctx: Context, governance: Governance) -> dict[str, object]:
    """The version in force here, and those that are on their way, with what each signer says of them."""
    charter = ctx.book.charter
    return {
        "version": charter.version,
        "hash": charter.hash.hex(),
        "needed": charter.n - charter.threshold + 1,
        "proposals": [_proposal(ctx, governance, hash) for hash in governance.changes.proposed],
    }


def _proposal(ctx: Context, governance: Governance, hash: bytes) -> dict[str, object]:
    charter, _ = governance.changes.proposed[hash]
    vetoed = governance.changes.vetoes.get(hash)
    signers = (signer.id for signer in ctx.book.charter.signers)
    waits = {
        signer: {"due_ms": pending.due_ms, "vetoed": pending.vetoed}
        for signer in signers
        for pending in governance.standings.pending(signer)
        if pending.charter == hash
    }
    return {
        "version": charter.version,
        "hash": hash.hex(),
        "vetoed_by": vetoed[0].by if vetoed else None,
        "in_force_at": sorted(governance.standings.under([hash])),
        "waiting_at": waits,
    }


def unconfirmed(row: Transaction, names: Sequence[str]) -> dict[str, Any]:
    """A signature exists, or may: a freeze cannot recall it. `names` are those of all its versions, of which
    one at most is mined.
    """
    return {
        "id": row.id,
        "status": row.status,
        "user": row.user,
        "operation": row.operation,
        "asset": row.asset,
        "source": row.source_account,
        "chain": row.chain,
        "sender": row.sender,
        "nonce": row.nonce,
        "transaction_hash": row.transaction_hash,
        "other_hashes": [name for name in names if name != row.transaction_hash],
        "intent_hash": row.intent_hash.hex(),
    }
