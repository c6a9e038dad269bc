"""Tokens that are not honest: any header, claims and signature, sealed again by whatever key the server can
have.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from quorate.core.proto import link_pb2 as pb
from tests.hostile.requester import HEADER, URI, Requester, b64url
from tests.hostile.world import Stage

STAGES: Final = (
    "token_form",
    "token_user",
    "token_signature",
    "token_time",
    "token_uri",
    "token_body",
    "intent",
)
"""The order of docs/spec/admission.md: a token that fails in several ways is refused by the first."""

Object = dict[str, Any]
REQUESTER, ATTACKER, OLD, VIEWER = "requester", "attacker", "old", "viewer"
SEALS: Final = (REQUESTER, ATTACKER, OLD, VIEWER)


@cache
def attacker() -> Requester:
    """A key of the server's own."""
    return Requester()


def first(*checks: str) -> str:
    """Which of the failures refuses."""
    return min(checks, key=STAGES.index)


def seal_check(seal: str) -> str:
    """What a seal by itself fails at; nothing for the requester's own."""
    return "intent" if seal == REQUESTER else "token_signature"


@dataclass
class Parts:
    """A token on its way. `header` and `claims` may be replaced by raw text; the seal is put on what is
    there.
    """

    body: bytes
    header: Object = field(default_factory=lambda: dict(HEADER))
    claims: Object = field(default_factory=dict)
    header_text: bytes | None = None
    claims_text: bytes | None = None

    @property
    def signed(self) -> str:
        header = self.header_text if self.header_text is not None else json.dumps(self.header).encode()
        claims = self.claims_text if self.claims_text is not None else json.dumps(self.claims).encode()
        return f"{b64url(header)}.{b64url(claims)}"


Change = Callable[[Parts], None]


def parts(requester: Requester, body: bytes) -> Parts:
    """An honest token's."""
    return Parts(body, claims=requester.claims(body))


def raw(body: bytes, text: str, method: str = "POST", uri: str = URI) -> pb.RawRequest:
    return pb.RawRequest(method=method, uri=uri, body=body, token=text)


def sealed(stage: Stage, body: bytes, change: Change, seal: str) -> pb.RawRequest:
    """A request whose token was changed, under that seal. What the requester did not sign, the oracle is not
    told.
    """
    made = parts(stage.requester, body)
    old = sign(stage.requester, made.signed)
    change(made)
    signature = {
        REQUESTER: lambda: sign(stage.requester, made.signed),
        ATTACKER: lambda: sign(attacker(), made.signed),
        OLD: lambda: old,
        VIEWER: lambda: sign(stage.site.viewer, made.signed),
    }[seal]()
    return raw(made.body, f"{made.signed}.{b64url(signature)}")


def sign(requester: Requester, text: str) -> bytes:
    return requester.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())


def rehash(body: bytes) -> Change:
    """Another body, with the claim that goes with it."""

    def change(made: Parts) -> None:
        made.body = body
        made.claims["bodyHash"] = hashlib.sha256(body).hexdigest()

    return change


def other_signatures(stage: Stage, text: str) -> dict[str, bytes]:
    """Signatures of other schemes and shapes over the very text."""
    key, data = stage.requester.key, text.encode()
    honest = sign(stage.requester, text)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH)
    return {
        "pss": key.sign(data, pss, hashes.SHA256()),
        "sha1": key.sign(data, padding.PKCS1v15(), hashes.SHA1()),
        "sha512": key.sign(data, padding.PKCS1v15(), hashes.SHA512()),
        "hmac-of-public-key": hmac.digest(stage.requester.public_pem.encode(), data, "sha256"),
        "empty": b"",
        "zeros": bytes(256),
        "ones": b"\xff" * 256,
        "truncated": honest[:-1],
        "extended": honest + b"\0",
        "leading-zero": b"\0" + honest,
        "reversed": honest[::-1],
        "of-other-text": sign(stage.requester, text + "x"),
    }
