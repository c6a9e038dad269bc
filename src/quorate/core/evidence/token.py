"""The requester's token: an RS256 JWT (RFC 7519) over URI, nonce and body hash, as the Fireblocks dialect
sends it.

`verify` runs the checks of docs/spec/admission.md in their order; each is one small named function.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from quorate.core.checks import Failed, check
from quorate.core.errors import Refused
from quorate.core.evidence import base64url, json_strict
from quorate.core.evidence.keys import rsa_public_key

ADMITTED_METHOD: Final = "POST"
ADMITTED_URI: Final = "/v1/transactions"
MAX_LIFETIME: Final = 3600
MAX_TOKEN: Final = 16_384

_CLAIMS: Final = frozenset({"uri", "nonce", "iat", "exp", "sub", "bodyHash"})
_EMPTY_BODY: Final = frozenset(hashlib.sha256(text).hexdigest() for text in (b"", b'""'))
"""What the SDKs hash where there is no body: nothing, or the JSON text of an empty string."""
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_MAX_TIME: Final = 1 << 40
_MAX_NONCE: Final = 1 << 64

UserKey = Callable[[str], str | None]
"""API user id -> PEM of its RSA key; None for one who may not make this request."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What the token says; times in Unix seconds. An integer nonce of older SDKs is held as its decimal
    text.
    """

    sub: str
    nonce: str
    iat: int
    exp: int
    uri: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart, nothing of it believed yet."""

    header: dict[str, object]
    payload: dict[str, object]
    claims: Claims
    signed: bytes
    signature: bytes
    text: str


def verify(
    token: str,
    *,
    method: str,
    uri: str,
    body: bytes,
    user_key_pem_lookup: UserKey,
    now: int,
    skew: int,
    check_time: bool = True,
) -> Claims:
    """The claims of a token that its API user signed for this very request.

    `uri` is the raw request target, `body` the raw bytes, `now` and `skew` seconds of the verifier's clock.
    Without `check_time` a token counts that others saw fresh. Raises Refused: token_form, token_user,
    token_signature, token_time, token_uri, token_body.
    """
    parts = take_apart(token)
    token_form(parts)
    key = user_key_pem_lookup(parts.claims.sub)
    token_user(parts.claims, key)
    token_signature(parts, key)
    if check_time:
        token_time(parts.claims, now, skew)
    token_uri(parts.claims, uri)
    token_body(parts.claims, method, body)
    return parts.claims


def peek(token: str) -> Claims:
    """The claims unverified: to find a user or a stored request by, never to believe. Raises Refused
    token_form.
    """
    return take_apart(token).claims


@check("token_form", "missing_evidence")
def token_form(token: Token) -> None:
    """The parts are exactly those of the dialect, each in its one encoding."""
    if token.header.get("alg") != "RS256" or token.header.get("typ") != "JWT":
        raise Failed('the header of the token must be {"alg": "RS256", "typ": "JWT"}')
    if not isinstance(token.header.get("kid", ""), str) or token.header.keys() - {"alg", "typ", "kid"}:
        raise Failed("the header of the token holds more than alg, typ and kid")
    if token.payload.keys() != _CLAIMS:
        raise Failed(f"the claims must be exactly {', '.join(sorted(_CLAIMS))}")
    for part in token.text.split("."):
        if base64url.encode(base64url.decode(part)) != part:
            raise Failed("a part of the token is not in its one base64url form")


@check("token_user", "missing_evidence")
def token_user(claims: Claims, key: str | None) -> None:
    """`sub` is an API user of the charter with the role that the request needs."""
    if key is None:
        raise Failed(
            f"API user {claims.sub} may not make this request", "the charter names its users and their roles"
        )


@check("token_signature", "missing_evidence")
def token_signature(token: Token, key: str | None) -> None:
    """RS256: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3), by the key that the charter has for
    `sub`.
    """
    if key is None:  # token_user says so first
        raise Failed("there is no key to hold the token against")
    try:
        rsa_public_key(key).verify(token.signature, token.signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Failed(
            "the token is not signed by the key that the charter has for this API user",
            "check which secret key the client uses",
        ) from None


@check("token_time", "expired")
def token_time(claims: Claims, now: int, skew: int) -> None:
    """Fresh by the verifier's own clock."""
    if claims.iat > now + skew:
        raise Failed("the token was issued in the future", "set the client's clock", code="token_future")
    if claims.exp <= now:
        raise Failed("the token has expired", "send requests right after signing them", code="token_expired")
    if not 0 < claims.exp - claims.iat <= MAX_LIFETIME:
        raise Failed(
            f"a token lives at most {MAX_LIFETIME} s, and expires after it was issued", code="token_lifetime"
        )


@check("token_uri", "missing_evidence")
def token_uri(claims: Claims, uri: str) -> None:
    """Made for this request target, byte for byte."""
    if claims.uri != uri:
        raise Failed(f"the token was made for {claims.uri[:256]}, not for {uri[:256]}")


@check("token_uri", "missing_evidence")
def token_target(method: str, uri: str) -> None:
    """What signers admit: transactions are asked for by POST on one target, and nothing else is."""
    if (method, uri) != (ADMITTED_METHOD, ADMITTED_URI):
        raise Failed(f"signers admit {ADMITTED_METHOD} {ADMITTED_URI} only, not {method[:16]} {uri[:256]}")


@check("token_body", "intent_mismatch")
def token_body(claims: Claims, method: str, body: bytes) -> None:
    """The claim is the SHA-256 of the raw body; never of a re-serialised one."""
    if claims.body_hash == hashlib.sha256(body).hexdigest():
        return
    if body == b"" and claims.body_hash in _EMPTY_BODY:
        return
    raise Failed(
        f"the {method} body is not the one that the token was made for",
        "nothing between client and server may rewrite bodies",
    )


def take_apart(token: str) -> Token:
    """Splits and decodes. What this cannot read no later check could, so it always refuses. Raises Refused
    token_form.
    """
    try:
        if len(token) > MAX_TOKEN:
            raise ValueError(f"it has more than {MAX_TOKEN} characters")
        header, payload, signature = (base64url.decode(part) for part in token.split("."))
        decoded_header = _json_object(header)
        decoded = _json_object(payload)
        claims = _claims(decoded)
    except ValueError as error:
        raise Refused("token_form", f"not a token: {error}", reason_class="missing_evidence") from None
    signed = token.rpartition(".")[0].encode("ascii")
    return Token(decoded_header, decoded, claims, signed, signature, token)


def _claims(payload: dict[str, object]) -> Claims:
    missing = sorted(_CLAIMS - payload.keys())
    if missing:
        raise ValueError(f"claim {missing[0]} is missing")
    body_hash = _text(payload, "bodyHash", 64)
    if not _HASH.fullmatch(body_hash):
        raise ValueError("claim bodyHash is not a lower-case SHA-256")
    return Claims(
        sub=_printable(payload, "sub", 255),
        nonce=_nonce(payload),
        iat=_integer(payload, "iat", _MAX_TIME),
        exp=_integer(payload, "exp", _MAX_TIME),
        uri=_printable(payload, "uri", 8192),
        body_hash=body_hash,
    )


def _nonce(payload: dict[str, object]) -> str:
    """Text, or the 63-bit integer of the older SDK."""
    if isinstance(payload["nonce"], str):
        return _printable(payload, "nonce", 255)
    return str(_integer(payload, "nonce", _MAX_NONCE))


def _text(payload: dict[str, object], name: str, longest: int) -> str:
    value = payload[name]
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise ValueError(f"claim {name} is not text of 1 to {longest} characters")
    return value


def _printable(payload: dict[str, object], name: str, longest: int) -> str:
    value = _text(payload, name, longest)
    if not all(" " <= character <= "~" for character in value):
        raise ValueError(f"claim {name} is not printable ASCII")
    return value


def _integer(payload: dict[str, object], name: str, below: int) -> int:
    value = payload[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < below:
        raise ValueError(f"claim {name} is not an integer in range")
    return value


def _json_object(data: bytes) -> dict[str, object]:
    value = json_strict.loads(data, limit=MAX_TOKEN)
    if not isinstance(value, dict):
        raise ValueError("header and claims are JSON objects")
    return value
