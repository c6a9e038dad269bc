"""The requester's token: header, claims and signature, each wrong in its own way, under every seal a server
can make.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from tests.hostile.bodies import ECDSA, EDDSA, ETH, KINDS, USDC_TRANSFER, body, encode
from tests.hostile.forge import (
    REQUESTER,
    SEALS,
    Change,
    Parts,
    first,
    other_signatures,
    parts,
    raw,
    seal_check,
    sealed,
    sign,
)
from tests.hostile.mutation import (
    Family,
    Mutation,
    Outcome,
    Run,
    flip,
    from_admission,
    harmful,
    neutral,
    signs,
)
from tests.hostile.requester import URI, b64url
from tests.hostile.world import Stage

Named = tuple[str, str, Change]
"""Name, the check that refuses it, and what is changed."""
_SAMPLE = 3
_WRONG_TYPES: tuple[Any, ...] = (None, True, [], {}, 1.5)


def families() -> list[Family]:
    return [
        Family("token header", signs(ETH), list(_changed(_header_changes(), (ETH,)))),
        Family("token claims", signs(USDC_TRANSFER), list(_changed(_claim_changes(), (USDC_TRANSFER,)))),
        Family("token claims, other kinds", signs(EDDSA), list(_other_kinds())),
        Family("token signature", signs(ECDSA), [*_signature_bits(), *_signature_shapes()]),
        Family("token text", signs(ETH), [*_characters(), *_texts()]),
        Family("token splices", signs(ETH), list(_splices())),
    ]


def _changed(
    changes: Iterable[Named], kinds: Iterable[str], seals: Iterable[str] = SEALS
) -> Iterable[Mutation]:
    changes, seals = list(changes), list(seals)
    for kind in kinds:
        for name, check, change in changes:
            for seal in seals:
                expected = first(check, seal_check(seal))
                yield harmful(f"{kind}: {name}, {seal} seal", expected, _run(kind, change, seal))
        yield neutral(f"{kind}: kid", _key_id(kind))


def _run(kind: str, change: Change, seal: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        return await from_admission(stage, sealed(stage, encode(body(kind, stage.account())), change, seal))

    return run


def _key_id(kind: str) -> Run:
    """A header that names its key, as some libraries make it: the requester's own doing, and harmless."""

    async def run(stage: Stage) -> Outcome:
        content = encode(body(kind, stage.account()))
        request = sealed(stage, content, lambda made: made.header.update(kid="1"), REQUESTER)
        stage.remember(request, covered=True)
        return await from_admission(stage, request)

    return run


def _other_kinds() -> Iterable[Mutation]:
    changes = [*_user_changes(), *_time_changes(), *_uri_changes(), *_hash_changes()]
    return _changed(changes, (ETH, ECDSA, EDDSA))


# ---- what is changed


def _header_changes() -> Iterable[Named]:
    for alg in ("none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", "rs256", "", None, ["RS256"], 1):
        yield f"alg {alg!r}", "token_form", _set_header("alg", alg)
    for typ in ("jwt", "JWE", "", None, 1):
        yield f"typ {typ!r}", "token_form", _set_header("typ", typ)
    for name in ("jku", "jwk", "x5u", "x5c", "crit", "b64", "cty"):
        yield f"extra {name}", "token_form", _set_header(name, "https://example.com/keys")
    yield "kid not text", "token_form", _set_header("kid", 1)
    for name in ("alg", "typ"):
        yield f"no {name}", "token_form", _without("header", name)
    for text in (b"[]", b'"RS256"', b"", b"{", b'{"alg":"none","alg":"RS256","typ":"JWT"}', b"\xff{}"):
        yield f"header {text!r}", "token_form", _header_text(text)


def _claim_changes() -> Iterable[Named]:
    names = ("uri", "nonce", "iat", "exp", "sub", "bodyHash")
    for name in names:
        yield f"no {name}", "token_form", _without("claims", name)
        for value in _WRONG_TYPES:
            yield f"{name} {value!r}", "token_form", _set(name, value)
    for name in ("iat", "exp"):
        for time_ in ("1790000000", -1, 1 << 40):
            yield f"{name} {time_!r}", "token_form", _set(name, time_)
    for name in ("uri", "sub", "bodyHash"):
        for text_ in ("", 7, "é", "a\nb", "x" * 9000):
            yield f"{name} {text_!r:.12}", "token_form", _set(name, text_)
    for nonce in ("", "n" * 256, "é", -1, 1 << 64):
        yield f"nonce {nonce!r:.12}", "token_form", _set("nonce", nonce)
    for extra in ("aud", "nbf", "jti", "iss", "BodyHash"):
        yield f"extra {extra}", "token_form", _set(extra, "x")
    for text in (b"[]", b"7", b"", b"{"):
        yield f"claims {text!r}", "token_form", _claims_text(_always(text))
    yield "a claim twice", "token_form", _claims_text(lambda made: _twice(made.claims, "sub"))
    yield "hash in upper case", "token_form", _edit("bodyHash", str.upper)
    yield "hash cut", "token_form", _edit("bodyHash", lambda text: text[:-1])
    yield from (*_user_changes(), *_time_changes(), *_uri_changes(), *_hash_changes())


def _user_changes() -> Iterable[Named]:
    for sub in (str(uuid.UUID(int=7)), "admin", "*"):
        yield f"sub {sub}", "token_user", _set("sub", sub)
    yield "sub in upper case", "token_user", _edit("sub", lambda text: text.upper() + "!")
    yield "sub with a space", "token_user", _edit("sub", lambda text: text + " ")


def _time_changes() -> Iterable[Named]:
    for name, value in {
        "iat in a minute": {"iat": now(60), "exp": now(90)},
        "iat beyond the skew": {"iat": now(15), "exp": now(60)},
        "expired": {"iat": now(-60), "exp": now(-1)},
        "expired long ago": {"iat": now(-90_000), "exp": now(-89_000)},
        "expires at once": {"iat": now(-60), "exp": now(0)},
        "lives too long": {"exp": now(3700)},
        "lives for ever": {"exp": lambda _: (1 << 40) - 1},
        "expires before it begins": {"iat": now(3), "exp": now(2)},
        "no time at all": {"iat": lambda _: 0, "exp": lambda _: 0},
    }.items():
        yield name, "token_time", _set_all(value)


def _uri_changes() -> Iterable[Named]:
    for uri in ("/v1/transactions/", "/v1/transactions?x=1", "/V1/transactions", "//v1/transactions",
                "/v1/vault/accounts", "/v1/transactions/estimate", "/", "/v1/transactions%20"):  # fmt: skip
        yield f"uri {uri}", "token_uri", _set("uri", uri)


def _hash_changes() -> Iterable[Named]:
    yield (
        "hash of nothing",
        "token_body",
        _set("bodyHash", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    )
    yield "hash of zeros", "token_body", _set("bodyHash", "0" * 64)
    for bit in (0, 100, 255):
        yield (
            f"hash, bit {bit}",
            "token_body",
            _edit("bodyHash", partial(_flip_hex, bit)),
        )


# ---- signatures and text


def _signature_bits() -> Iterable[Mutation]:
    for bit in range(0, 2048, 8):
        yield harmful(f"signature, bit {bit}", "token_signature", _with_signature(partial(_flip_bit, bit)))


def _with_signature(change: Callable[[bytes], bytes]) -> Run:
    async def run(stage: Stage) -> Outcome:
        made = parts(stage.requester, encode(body(ECDSA, stage.account())))
        signature = change(sign(stage.requester, made.signed))
        return await from_admission(stage, raw(made.body, f"{made.signed}.{b64url(signature)}"))

    return run


def _signature_shapes() -> Iterable[Mutation]:
    names = ("pss", "sha1", "sha512", "hmac-of-public-key", "empty", "zeros", "ones", "truncated", "extended",
             "leading-zero", "reversed", "of-other-text")  # fmt: skip
    for name in names:
        for kind in KINDS:
            yield harmful(f"{kind}: signature {name}", "token_signature", _shape(kind, name))


def _shape(kind: str, name: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        made = parts(stage.requester, encode(body(kind, stage.account())))
        signature = other_signatures(stage, made.signed)[name]
        return await from_admission(stage, raw(made.body, f"{made.signed}.{b64url(signature)}"))

    return run


def _characters() -> Iterable[Mutation]:
    """One character of header or claims is another one of the alphabet."""
    for at in range(0, 380, _SAMPLE):
        expected = ("token_form", "token_user", "token_signature")
        yield harmful(f"character {at}", expected, _text(partial(_swap, at)))


def _texts() -> Iterable[Mutation]:
    changes: dict[str, Callable[[str], str]] = {
        "empty": lambda text: "",
        "without signature": lambda text: text.rpartition(".")[0],
        "with an empty signature": lambda text: text.rpartition(".")[0] + ".",
        "four parts": lambda text: text + ".x",
        "padded": lambda text: text + "==",
        "white space before": lambda text: " " + text,
        "line feed after": lambda text: text + "\n",
        "Bearer": lambda text: "Bearer " + text,
        "standard alphabet": lambda text: text + "+/",
        "not ASCII": lambda text: text + "é",
        "too long": lambda text: text + "A" * 20_000,
        "trailing bits": lambda text: text[:-1] + _other_tail(text[-1]),
        "twice": lambda text: text + text,
        "parts swapped": lambda text: ".".join(reversed(text.split("."))),
    }
    for name, change in changes.items():
        expected = {"with an empty signature": "token_signature"}.get(name, "token_form")
        yield harmful(name, expected, _text(change))
    for method, uri in (("GET", URI), ("PUT", URI), ("post", URI), ("", URI)):
        yield harmful(f"method {method!r}", "token_uri", _target(method, uri))
    for uri in ("/v1/transactions/", "", "/v1/transactions?dry=1", "/v1/vault/accounts"):
        yield harmful(f"target {uri!r}", "token_uri", _target("POST", uri))


def _text(change: Callable[[str], str]) -> Run:
    async def run(stage: Stage) -> Outcome:
        content = encode(body(ETH, stage.account()))
        made = parts(stage.requester, content)
        text = f"{made.signed}.{b64url(sign(stage.requester, made.signed))}"
        return await from_admission(stage, raw(content, change(text)))

    return run


def _target(method: str, uri: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        request = stage.genuine(ETH)
        return await from_admission(stage, raw(request.body, request.token, method, uri))

    return run


def _splices() -> Iterable[Mutation]:
    """A genuine token with the body of another genuine request."""
    for of in KINDS:
        for on in KINDS:
            yield harmful(f"token of {of} on a body of {on}", "token_body", _splice(of, on))
    for of in KINDS:
        yield harmful(f"token of {of} without a body", ("token_body", "intent"), _without_body(of))


def _splice(of: str, on: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        return await from_admission(stage, raw(stage.genuine(on).body, stage.genuine(of).token))

    return run


def _without_body(of: str) -> Run:
    async def run(stage: Stage) -> Outcome:
        return await from_admission(stage, raw(b"", stage.genuine(of).token))

    return run


# ---- small changes


def _flip_bit(bit: int, data: bytes) -> bytes:
    return flip(data, bit)


def _flip_hex(bit: int, text: str) -> str:
    return flip(bytes.fromhex(text), bit).hex()


def _always(text: bytes) -> Callable[[Parts], bytes]:
    return lambda made: text


def now(seconds: int) -> Callable[[Parts], int]:
    return lambda made: int(time.time()) + seconds


def _set(name: str, value: Any) -> Change:
    return lambda made: made.claims.update({name: value})


def _set_all(values: dict[str, Callable[[Parts], int]]) -> Change:
    return lambda made: made.claims.update({name: value(made) for name, value in values.items()})


def _edit(name: str, change: Callable[[str], str]) -> Change:
    return lambda made: made.claims.update({name: change(made.claims[name])})


def _set_header(name: str, value: Any) -> Change:
    return lambda made: made.header.update({name: value})


def _without(part: str, name: str) -> Change:
    def change(made: Parts) -> None:
        del getattr(made, part)[name]

    return change


def _header_text(text: bytes) -> Change:
    def change(made: Parts) -> None:
        made.header_text = text

    return change


def _claims_text(text: Callable[[Parts], bytes]) -> Change:
    def change(made: Parts) -> None:
        made.claims_text = text(made)

    return change


def _twice(claims: dict[str, Any], name: str) -> bytes:
    return json.dumps(claims).encode()[:-1] + b", " + json.dumps({name: claims[name]}).encode()[1:]


def _swap(at: int, text: str) -> str:
    """Another character of the alphabet at that place, counted over header and claims."""
    head = text.rpartition(".")[0]
    at %= len(head)
    other = "A" if head[at] != "A" else "B"
    return head[:at] + (other if head[at] != "." else "-") + text[at + 1 :]


def _other_tail(last: str) -> str:
    """256 bytes of signature leave two unused bits in the last character."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(last) ^ 1]
