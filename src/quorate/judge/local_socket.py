"""DIR/judge.sock: the operator's way in, one JSON document a line. What it takes is signed by administrators,
pinned by what they signed, or harmless to read.

A server that withholds a charter, a freeze, a veto or a document cannot stop it from coming this way.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from quorate.core.chains.evm.knowledge import documents
from quorate.core.errors import QuorateError
from quorate.core.model.charter import SignedDocument
from quorate.core.model.charter.chain import read_document
from quorate.core.model.members import hex_bytes
from quorate.core.model.statement import from_json
from quorate.core.proto import link_pb2
from quorate.judge.assembly import Judge

MAX_LINE: Final = 64 << 20
Answer = Mapping[str, object]


class LocalSocket:
    def __init__(
        self,
        path: Path,
        judge: Judge,
        connected: Callable[[], bool],
    ) -> None:
        self._path = path
        self._judge = judge
        self._connected = connected
        self._journal = judge.journal
        self._commands: Mapping[str, Callable[[Mapping[str, object]], Awaitable[Answer]]] = {
            "status": self._status,
            "activate": self._activate,
            "freeze": self._freeze,
            "veto": self._veto,
            "annotate": self._annotate,
            "reject": self._reject,
        }
        self._one_at_a_time = asyncio.Lock()

    async def serve(self) -> None:
        """Until cancelled. The socket is for the judge's user alone."""
        try:
            self._path.parent.chmod(0o700)
            self._path.unlink(missing_ok=True)
        except PermissionError as error:
            raise QuorateError("directory", f"the judge must own its directory: {error}") from None
        server = await asyncio.start_unix_server(self._client, self._path, limit=MAX_LINE)
        self._path.chmod(0o600)
        try:
            await server.serve_forever()
        finally:
            self._path.unlink(missing_ok=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ValueError):  # ValueError: a line longer than MAX_LINE
            while line := await reader.readline():
                answer = await self._answer(line)
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def _answer(self, line: bytes) -> Answer:
        try:
            request = _parse(line)
            command = self._commands.get(str(request.get("do")))
            if command is None:
                raise QuorateError("unknown_command", f"`do` must be one of {', '.join(self._commands)}")
            async with self._one_at_a_time:
                return {"ok": True, **await command(request)}
        except QuorateError as error:
            self._journal("local_refused", code=error.code, detail=error.message[:200])
            return _error(error)
        except Exception as error:
            self._judge.measures.bug()
            self._journal("bug", where="local socket", detail=repr(error)[:500])
            return _error(
                QuorateError("internal", "the judge failed on this request", "bug", "see its journal")
            )

    async def _status(self, _: Mapping[str, object]) -> Answer:
        state, charter, freezes = self._judge.state, self._judge.state.charter, self._judge.state.freezes
        return {
            "signer": state.id,
            "keeper_pid": state.keeper_pid or None,
            "incarnation": state.incarnation,
            "cluster": charter.cluster if charter else None,
            "mode": charter.mode if charter else None,
            "charter_version": charter.version if charter else 0,
            "charter_hash": charter.hash.hex() if charter else None,
            "may_vote": state.start.may_vote,
            "heard": list(state.start.heard),
            "needed": state.start.needed,
            "refusal": state.start.refusal,
            "isolation": state.isolation,
            "seal": state.seal,
            "keys": sorted(state.certificates),
            "connected": self._connected(),
            "freezes": [freeze.to_json() for freeze in freezes.in_force.values()],
            "freeze_count": freezes.state.count,
            "freeze_hash": freezes.state.hash.hex(),
            "pending": self._judge.standing.pending_json(),
            "documents": documents.to_json(state.documents),
        }

    async def _activate(self, request: Mapping[str, object]) -> Answer:
        operator_hash = request.get("hash")
        if operator_hash is not None and not isinstance(operator_hash, str):
            raise QuorateError("wrong_type", "hash: text or null is expected")
        charter = await self._judge.activation.activate(request.get("chain"), operator_hash)
        pending = self._judge.standing.pending_json()
        return {"version": charter.version, "hash": charter.hash.hex(), "pending": pending}

    async def _freeze(self, request: Mapping[str, object]) -> Answer:
        """`{"do": "freeze", "freeze": .., "signatures": ..}`: the file form."""
        freeze = await self._judge.freezing.freeze(_document(request, "freeze"))
        return {"freeze": freeze.to_json(), "acknowledgement": self._acknowledgement()}

    async def _veto(self, request: Mapping[str, object]) -> Answer:
        """`{"do": "veto", "veto": .., "signatures": ..}`."""
        veto = self._judge.proposals.veto(_document(request, "veto"))
        await self._judge.store.db.durable()
        return {"charter": veto.charter.hex(), "by": veto.by}

    async def _annotate(self, request: Mapping[str, object]) -> Answer:
        """`{"do": "annotate", "document": hex}`: durable before it is answered."""
        content = hex_bytes(request.get("document"), "document")
        pins = self._judge.annotating.take(content)
        await self._judge.store.db.durable()
        contracts = [{"chain": pin.chain, "contract": pin.contract} for pin in pins]
        return {"hash": documents.digest(content).hex(), "contracts": contracts}

    async def _reject(self, request: Mapping[str, object]) -> Answer:
        """`{"do": "reject", "statement": .., "signature": ..}`: durable before it is answered."""
        signed = from_json({"statement": request.get("statement"), "signature": request.get("signature")})
        await self._judge.approvals.veto_durably(link_pb2.Statement(body=signed.body, armor=signed.armor))
        return {}

    def _acknowledgement(self) -> Answer | None:
        signed = self._judge.store.charters.acknowledgement()
        return {"body": signed.body.hex(), "signature": signed.signature.hex()} if signed else None


def _document(request: Mapping[str, object], name: str) -> SignedDocument:
    return read_document({key: value for key, value in request.items() if key != "do"}, "request", name)


def _error(error: QuorateError) -> Answer:
    document = {"code": error.code, "message": error.message, "whose": error.whose, "hint": error.hint}
    return {"error": document}


def _parse(line: bytes) -> Mapping[str, object]:
    try:
        request = json.loads(line)
    except ValueError:
        request = None
    if not isinstance(request, dict):
        raise QuorateError("not_json", "one JSON object a line is expected")
    return request
