"""The token: what the official SDKs sign is accepted, and each check refuses by its name."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from fireblocks.bearer_token_provider import BearerTokenProvider
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.core.errors import Refused
from quorate.core.evidence import token

NOW = 1_764_000_000
URI = "/v1/transactions"
BODY = json.dumps({"operation": "TRANSFER", "note": "Köln"}).encode()
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
CLAIMS = {
    "uri": URI, "nonce": "2f0b6a3e-1", "iat": NOW, "exp": NOW + 55, "sub": "user",
    "bodyHash": hashlib.sha256(BODY).hexdigest(),
}  # fmt: skip


def lookup(sub: str) -> str | None:
    return PEM if sub == "user" else None


def made(headers: Mapping[str, Any] | None = None, key: Any = KEY, **claims: Any) -> str:
    return jwt.encode(CLAIMS | claims, key, algorithm="RS256", headers=dict(headers or {}))


def by_hand(header: bytes, payload: bytes) -> str:
    """Signed properly over whatever the two parts are."""
    signed = b64(header) + "." + b64(payload)
    return signed + "." + b64(KEY.sign(signed.encode(), PKCS1v15(), SHA256()))


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def verify(text: str, *, body: bytes = BODY, uri: str = URI, now: int = NOW, **options: Any) -> token.Claims:
    return token.verify(
        text, method="POST", uri=uri, body=body, user_key_pem_lookup=lookup, now=now, skew=5, **options
    )


def refused(check: str, call: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        call()
    assert caught.value.check == check, caught.value.message
    return caught.value


HEADER = b'{"alg":"RS256","typ":"JWT"}'
PAYLOAD = json.dumps(CLAIMS).encode()
STRAY = (b64(HEADER + b" "), b64(HEADER + b" ")[:-1] + "B")
"""The same 28 bytes, and text that decodes to them with bits left over."""


def test_claims() -> None:
    assert verify(made()) == token.Claims(
        "user", "2f0b6a3e-1", NOW, NOW + 55, URI, hashlib.sha256(BODY).hexdigest()
    )
    assert token.peek(made()) == verify(made())
    assert verify(by_hand(HEADER, PAYLOAD)) == verify(made({"kid": "key-1"}))


def test_the_official_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """`fireblocks` 35.1.0 signs json.dumps of the body it sends."""
    monkeypatch.setattr("time.time", lambda: float(NOW))
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    provider = BearerTokenProvider("user", private)
    body = {"operation": "TRANSFER", "note": "Köln"}
    claims = verify(provider.get_token("POST", URI, body), body=json.dumps(body).encode())
    assert (claims.sub, claims.exp - claims.iat) == ("user", 55)
    got = provider.get_token("GET", "/v1/vault/accounts_paged?limit=5", None)
    assert verify(got, body=b"", uri="/v1/vault/accounts_paged?limit=5").uri.endswith("limit=5")


def test_the_older_sdk_numbers_its_nonces_and_hashes_an_empty_string() -> None:
    empty = hashlib.sha256(b'""').hexdigest()
    assert verify(made(nonce=(1 << 63) - 1, bodyHash=empty), body=b"").nonce == str((1 << 63) - 1)
    refused("token_body", lambda: verify(made(bodyHash=empty), body=b"{}"))
    assert verify(made(bodyHash=hashlib.sha256(b"{}").hexdigest()), body=b"{}").sub == "user"


@pytest.mark.parametrize(
    ("name", "text"),
    {
        "empty": "",
        "one part": "abc",
        "two parts": ".".join(made().split(".")[:2]),
        "four parts": made() + ".x",
        "padding": made() + "=",
        "standard base64": made().replace(made().split(".")[2][:2], "+/"),
        "white space": made() + " ",
        "beyond ASCII": made() + "é",
        "stray bits in the header": by_hand(HEADER + b" ", PAYLOAD).replace(*STRAY, 1),
        "header is an array": by_hand(b"[]", PAYLOAD),
        "header is not JSON": by_hand(b"{", PAYLOAD),
        "payload is not JSON": by_hand(HEADER, b"{"),
        "payload is not UTF-8": by_hand(HEADER, b'{"sub":"\xff"}'),
        "alg none": by_hand(b'{"alg":"none","typ":"JWT"}', PAYLOAD),
        "alg HS256": by_hand(b'{"alg":"HS256","typ":"JWT"}', PAYLOAD),
        "alg in lower case": by_hand(b'{"alg":"rs256","typ":"JWT"}', PAYLOAD),
        "alg twice": by_hand(b'{"alg":"RS256","alg":"RS256","typ":"JWT"}', PAYLOAD),
        "no typ": by_hand(b'{"alg":"RS256"}', PAYLOAD),
        "crit": by_hand(b'{"alg":"RS256","typ":"JWT","crit":["exp"]}', PAYLOAD),
        "key in the header": by_hand(b'{"alg":"RS256","typ":"JWT","jwk":{}}', PAYLOAD),
        "kid is a number": by_hand(b'{"alg":"RS256","typ":"JWT","kid":1}', PAYLOAD),
        "claim twice": by_hand(HEADER, PAYLOAD[:-1] + b', "sub": "user"}'),
        "unknown claim": made(nbf=NOW + 1000),
        "too long": made(uri="/v1/" + "x" * 17_000),
    }.items(),
)  # fmt: skip
def test_form(name: str, text: str) -> None:
    refused("token_form", lambda: verify(text))


@pytest.mark.parametrize("claim", sorted(CLAIMS))
@pytest.mark.parametrize(
    "value", [None, True, 1.5, 55.0, -1, [], {}, "", "\u00e9", "x" * 9000, 1 << 70], ids=repr
)
def test_claims_of_another_type(claim: str, value: Any) -> None:
    refused("token_form", lambda: verify(made(**{claim: value})))


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_claims_left_out(claim: str) -> None:
    payload = json.dumps({name: value for name, value in CLAIMS.items() if name != claim}).encode()
    refused("token_form", lambda: verify(by_hand(HEADER, payload)))


def test_user() -> None:
    assert refused("token_user", lambda: verify(made(sub="viewer"))).reason_class == "missing_evidence"


def test_signature() -> None:
    refused("token_signature", lambda: verify(made(key=OTHER_KEY)))
    head, payload, signature = made().split(".")
    other = b64(json.dumps(CLAIMS | {"nonce": "another"}).encode())
    refused("token_signature", lambda: verify(f"{head}.{other}.{signature}"))
    refused("token_signature", lambda: verify(f"{head}.{payload}."))
    sha512 = KEY.sign(f"{head}.{payload}".encode(), PKCS1v15(), SHA512())
    refused("token_signature", lambda: verify(f"{head}.{payload}.{b64(sha512)}"))


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (NOW - 6, "token_future"), (NOW - 5, ""), (NOW, ""), (NOW + 54, ""), (NOW + 55, "token_expired"),
    ],
)  # fmt: skip
def test_time(now: int, code: str) -> None:
    if code:
        failure = refused("token_time", lambda: verify(made(), now=now))
        assert (failure.code, failure.reason_class) == (code, "expired")
    else:
        verify(made(), now=now)
    verify(made(), now=now, check_time=False)


def test_lifetime() -> None:
    verify(made(exp=NOW + 3600))
    for iat, exp in ((NOW, NOW + 3601), (NOW + 3, NOW + 3), (NOW + 4, NOW + 2)):
        assert refused("token_time", lambda i=iat, e=exp: verify(made(iat=i, exp=e))).code == "token_lifetime"  # type: ignore[misc]


def test_uri_is_compared_as_sent() -> None:
    for uri in ("/v1/transactions/", "/v1/transactions?x=1", "/v1/Transactions", "/v1/%74ransactions"):
        refused("token_uri", lambda uri=uri: verify(made(), uri=uri))  # type: ignore[misc]
        refused("token_uri", lambda uri=uri: token.token_target("POST", uri))  # type: ignore[misc]
    refused("token_uri", lambda: token.token_target("GET", URI))
    token.token_target("POST", URI)


def test_body_is_hashed_as_sent() -> None:
    rewritten = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
    for body in (rewritten, BODY + b"\n", b""):
        refused("token_body", lambda body=body: verify(made(), body=body))  # type: ignore[misc]


def test_checks_run_in_the_order_of_the_spec() -> None:
    """Each later fault is there as well; the first one is named."""
    faults = {"exp": NOW - 10, "iat": NOW - 20, "uri": "/x", "bodyHash": "0" * 64}
    refused("token_form", lambda: verify(by_hand(b"{}", json.dumps(CLAIMS | faults | {"sub": "x"}).encode())))
    refused("token_user", lambda: verify(made(key=OTHER_KEY, sub="x", **faults)))
    refused("token_signature", lambda: verify(made(key=OTHER_KEY, **faults)))
    refused("token_time", lambda: verify(made(**faults)))
    refused("token_uri", lambda: verify(made(**faults), check_time=False))
    refused("token_body", lambda: verify(made(**faults | {"uri": URI}), check_time=False))


@settings(max_examples=300)
@given(st.integers(0), st.sampled_from("ABCxyz019-_.=") | st.just(""))
def test_no_changed_token_is_accepted(position: int, character: str) -> None:
    original = made()
    at = position % len(original)
    changed = original[:at] + character + original[at + 1 :]
    if changed != original:
        with pytest.raises(Refused):
            verify(changed)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: f"{b64(data)}.{b64(data)}.{b64(data)}"))
def test_arbitrary_text_never_raises_anything_else(text: str) -> None:
    refused("token_form", lambda: verify(text))
