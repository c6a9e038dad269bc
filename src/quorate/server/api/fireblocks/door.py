"""Who is calling: the token of every request, checked as the signers will check it, and the
Idempotency-Key."""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from quorate.core.errors import QuorateError, Refused
from quorate.core.evidence import json_strict, token
from quorate.core.evidence.token import Claims
from quorate.core.model.charter.types import REQUESTER
from quorate.core.model.lifecycle import Status
from quorate.server import clock
from quorate.server.api.body import raw_target, read_body
from quorate.server.api.fireblocks.errors import bad_request
from quorate.server.api.fireblocks.replay import NonceCache
from quorate.server.service.context import Context
from quorate.server.store import idempotency, transactions

BEARER: Final = "Bearer "
LONGEST_KEY: Final = 255


@dataclass(frozen=True, slots=True)
class Caller:
    """A request whose token has passed. `call` is set when it carries an Idempotency-Key."""

    claims: Claims
    token: str
    uri: str
    body: bytes
    call: idempotency.Call | None

    @property
    def user(self) -> str:
        return self.claims.sub


class Door:
    """Every route under /v1 goes through `enter`."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._nonces = NonceCache()
        self._running: set[tuple[str, str]] = set()

    async def enter(self, request: Request, *, write: bool = False) -> Caller:
        """Raises QuorateError or Refused with a code of `errors.TOKEN`, and what `read_body` raises."""
        text = _bearer(request)
        uri = raw_target(request)
        body = await read_body(request)
        claims = self._verify(text, request.method, uri, body)
        if request.headers.get("x-api-key") != claims.sub:
            raise QuorateError("api_key", "the X-API-Key header is not the sub of the token")
        user = self._ctx.book.charter.user(claims.sub)
        if write and (user is None or user.role != REQUESTER):
            raise QuorateError("read_only", f"API user {claims.sub} may only read")
        self._nonces.use(claims.sub, claims.nonce, claims.exp, clock.seconds())
        return Caller(claims, text, uri, body, _call(request, claims.sub, uri, body) if write else None)

    def _verify(self, text: str, method: str, uri: str, body: bytes) -> Claims:
        charter = self._ctx.book.charter
        try:
            return token.verify(
                text,
                method=method,
                uri=uri,
                body=body,
                user_key_pem_lookup=self._key,
                now=clock.seconds(),
                skew=charter.skew,
            )
        except Refused as refusal:
            if refusal.code == "token_form" and _names_nobody(text):
                raise QuorateError("token_no_subject", "the token names no API key in sub") from None
            raise

    def _key(self, user_id: str) -> str | None:
        user = self._ctx.book.charter.user(user_id)
        return None if user is None else user.rsa_public_key

    async def once(
        self, caller: Caller, work: Callable[[idempotency.Call | None], Awaitable[dict[str, object]]]
    ) -> Response:
        """Does the work, or gives the answer that the same call under the same key got before.

        Raises QuorateError: idempotency_in_progress, idempotency_mismatch; what `work` raises.
        """
        call = caller.call
        if call is None:
            return json_response(await work(None))
        running = (call.user, call.key)
        if running in self._running:
            raise QuorateError(
                "idempotency_in_progress", "the first call under this key has not been answered yet"
            )
        self._running.add(running)
        try:
            earlier = await self._earlier(call)
            return earlier if earlier is not None else json_response(await work(call))
        finally:
            self._running.discard(running)

    async def _earlier(self, call: idempotency.Call) -> Response | None:
        now = clock.milliseconds()
        stored = await self._ctx.database.read(lambda c: idempotency.find(c, call.user, call.key, now))
        if stored is None:
            return None
        if stored.fingerprint != call.fingerprint:
            raise QuorateError("idempotency_mismatch", "this Idempotency-Key was used for another request")
        if stored.response is not None and stored.status is not None:
            return Response(stored.response, status_code=stored.status, media_type="application/json")
        row = await self._ctx.database.read(partial(transactions.get, id=stored.transaction_id or ""))
        status = Status.REJECTED if row is not None and row.status == Status.REJECTED else Status.SUBMITTED
        return json_response({"id": stored.transaction_id, "status": str(status)})


def json_response(answer: object, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(answer), media_type="application/json", headers=headers)


def json_object(body: bytes) -> dict[str, Any]:
    """The body as an object; an absent one is an empty object. Raises QuorateError bad_request."""
    if body == b"":
        return {}
    try:
        value = json_strict.loads(body, limit=len(body))
    except ValueError as failure:
        raise bad_request(f"the body is not JSON: {failure}") from None
    if not isinstance(value, dict):
        raise bad_request("the body is not a JSON object")
    return value


def _bearer(request: Request) -> str:
    header = request.headers.get("authorization", "")
    if not header.startswith(BEARER) or not header[len(BEARER) :].strip():
        raise QuorateError("token_missing", "the Authorization header holds no bearer token")
    return header[len(BEARER) :].strip()


def _names_nobody(text: str) -> bool:
    """Whether a token that could not be read is otherwise one, only without `sub`."""
    parts = text.split(".")
    if len(parts) != 3:
        return False
    try:
        payload = json_strict.loads(_decode(parts[1]), limit=token.MAX_TOKEN)
    except ValueError:
        return False
    return isinstance(payload, dict) and not payload.get("sub")


def _call(request: Request, user: str, uri: str, body: bytes) -> idempotency.Call | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise QuorateError(
            "idempotency_key", f"an Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters"
        )
    fingerprint = hashlib.sha256(f"{request.method} {uri}\n".encode() + body).digest()
    return idempotency.Call(user, key, fingerprint)


def _decode(part: str) -> bytes:
    """base64url without padding. Raises ValueError."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
