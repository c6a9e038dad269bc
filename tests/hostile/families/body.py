"""The body: every field and every byte changed, under the seals that a server has. And what a requester signs
that the
dialect does not carry out exactly.
"""

import copy
import json
from collections.abc import Callable, Iterable
from typing import Any

from tests.hostile.bodies import ECDSA, EDDSA, ETH, KINDS, USDC_TRANSFER, Body, body, encode
from tests.hostile.forge import ATTACKER, OLD, VIEWER, attacker, raw, rehash, sealed
from tests.hostile.mutation import Family, Mutation, Outcome, Run, from_admission, harmful, neutral, signs
from tests.hostile.world import Stage

Edit = Callable[[Body], None]
Seal = Callable[[Stage, Body, bytes], Any]
"""From the stage, the genuine body and the altered bytes to the request that the server shows."""


def families() -> list[Family]:
    fields = [Family(f"body fields, {kind}", signs(kind), list(_fields(kind))) for kind in KINDS]
    bytes_ = [Family(f"body bytes, {kind}", signs(kind), list(_bytes(kind))) for kind in KINDS]
    return [*fields, *bytes_, Family("dialect", signs(ETH), list(_dialect()))]


# ---- fields x seals


def _fields(kind: str) -> Iterable[Mutation]:
    seals: dict[str, tuple[str, Seal]] = {
        "old token": ("token_body", _old_token),
        "new hash, old signature": ("token_signature", _sealed(OLD)),
        "new hash, attacker's key": ("token_signature", _sealed(ATTACKER)),
        "new hash, viewer's key": ("token_signature", _sealed(VIEWER)),
        "viewer's own token": ("token_user", _viewers_own),
        "stranger's own token": ("token_user", _strangers_own),
    }
    for name, edit in _edits(kind):
        for seal_name, (expected, seal) in seals.items():
            yield harmful(f"{name}, {seal_name}", expected, _edited(kind, edit, seal))


def _edited(kind: str, edit: Edit, seal: Seal) -> Run:
    async def run(stage: Stage) -> Outcome:
        genuine = body(kind, stage.account())
        changed = copy.deepcopy(genuine)
        edit(changed)
        return await from_admission(stage, seal(stage, genuine, encode(changed)))

    return run


def _old_token(stage: Stage, genuine: Body, changed: bytes) -> Any:
    return raw(changed, stage.request(encode(genuine)).token)


def _sealed(by: str) -> Seal:
    return lambda stage, genuine, changed: sealed(stage, encode(genuine), rehash(changed), by)


def _viewers_own(stage: Stage, genuine: Body, changed: bytes) -> Any:
    return stage.site.viewer.request(changed)


def _strangers_own(stage: Stage, genuine: Body, changed: bytes) -> Any:
    return attacker().request(changed)


def _edits(kind: str) -> Iterable[tuple[str, Edit]]:
    yield from _transfer_edits() if kind in (ETH, USDC_TRANSFER) else _raw_edits()
    for name, value in {"externalTxId": "e-1", "note": "invoice 8", "customerRefId": "c"}.items():
        yield f"{name} {value}", _put((name,), value)
    yield "no note", lambda b: b.pop("note")


def _transfer_edits() -> Iterable[tuple[str, Edit]]:
    for amount in ("0.6", "5", "4.999999", "0.500001", 1, "1e0"):
        yield f"amount {amount!r}", _put(("amount",), amount)
    for asset in ("USDT", "BTC", "eth"):
        yield f"assetId {asset}", _put(("assetId",), asset)
    for account in ("0", "999999"):
        yield f"source {account}", _put(("source", "id"), account)
    for id in ("till", "nobody"):
        yield f"destination {id}", _put(("destination", "id"), id)
    for kind in ("VAULT_ACCOUNT", "INTERNAL_WALLET", "GAS_STATION"):
        yield f"destination type {kind}", _put(("destination",), {"type": kind, "id": "7"})
    one_time = {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": "0x" + "11" * 20}}
    yield "one-time address", _put(("destination",), one_time)
    for name, value in {"networkFee": "0.02", "gasPrice": "1000", "feeLevel": "HIGH", "maxFee": "9"}.items():
        yield f"{name} {value}", _put((name,), value)
    yield "treatAsGrossAmount", _put(("treatAsGrossAmount",), True)
    yield "operation RAW", _put(("operation",), "RAW")


def _raw_edits() -> Iterable[tuple[str, Edit]]:
    data = ("extraParameters", "rawMessageData")
    message = (*data, "messages", 0)
    for bit in (0, 77, 255):
        content = lambda b, bit=bit: _flip_content(b, bit)  # noqa: E731
        yield f"content, bit {bit}", content
    for path in ([44, 60, 7, 0, 0], [1729, 0, 0], [1729, 1, 0], [44, 0], []):
        yield f"path {path}", _put((*message, "derivationPath"), path)
    for algorithm in ("MPC_ECDSA_SECP256K1", "MPC_EDDSA_ED25519", "MPC_ECDSA_SECP256R1"):
        yield f"algorithm {algorithm}", _put((*data, "algorithm"), algorithm)
        # the one that stands there already makes other bytes too: what follows is another key order
        yield f"algorithm {algorithm} first", _first("extraParameters", algorithm)
    yield "a second message", lambda b: _messages(b).append(dict(_messages(b)[0]))
    yield "no message", lambda b: _messages(b).clear()
    yield "assetId and source", lambda b: b.update(assetId="ETH", source={"type": "VAULT_ACCOUNT", "id": "7"})
    yield "operation TRANSFER", _put(("operation",), "TRANSFER")


def _messages(value: Body) -> list[Any]:
    messages: list[Any] = value["extraParameters"]["rawMessageData"]["messages"]
    return messages


def _flip_content(value: Body, bit: int) -> None:
    message = _messages(value)[0]
    message["content"] = f"{int(message['content'], 16) ^ (1 << bit):064x}"


def _first(name: str, algorithm: str) -> Edit:
    def edit(value: Body) -> None:
        data = value[name]["rawMessageData"]
        value[name]["rawMessageData"] = {"algorithm": algorithm, "messages": data["messages"]}

    return edit


def _put(path: tuple[str | int, ...], new: Any) -> Edit:
    """Replaces a member. Where the value stands there already another note makes the bytes differ."""

    def edit(value: Body) -> None:
        at: Any = value
        for name in path[:-1]:
            at = at[name]
        if at.get(path[-1]) == new:
            value["note"] = "invoice 9"
        at[path[-1]] = new

    return edit


# ---- bytes


def _bytes(kind: str) -> Iterable[Mutation]:
    """Each byte of the body, one bit of it, and the shapes of JSON that mean the same, all under the old
    token.
    """
    length = len(encode(body(kind, 1)))
    for at in range(length):
        yield harmful(f"byte {at}, bit {at % 7}", "token_body", _at_byte(kind, at))
    same = {
        "compact": lambda b: json.dumps(b, separators=(",", ":")).encode(),
        "sorted": lambda b: json.dumps(b, sort_keys=True, indent=1).encode(),
        "escaped": lambda b: encode(b).replace(b"invoice", b"\\u0069nvoice"),
        "trailing space": lambda b: encode(b) + b" ",
    }
    for name, change in same.items():
        yield neutral(f"the same in other bytes, {name}", _same(kind, change))


def _at_byte(kind: str, at: int) -> Run:
    async def run(stage: Stage) -> Outcome:
        request = stage.genuine(kind)
        content = bytearray(request.body)
        content[at % len(content)] ^= 1 << (at % 7)
        return await from_admission(stage, raw(bytes(content), request.token))

    return run


def _same(kind: str, change: Callable[[Body], bytes]) -> Run:
    async def run(stage: Stage) -> Outcome:
        genuine = body(kind, stage.account())
        return await from_admission(stage, raw(change(genuine), stage.request(genuine).token))

    return run


# ---- what the requester did sign, and what nobody could carry out exactly


def _dialect() -> Iterable[Mutation]:
    text = encode(body(ETH, 7)).decode()
    amount = '"amount": "0.5"'
    texts = {
        "amount twice": text.replace(amount, f'{amount}, "amount": "5"'),
        "destination twice": text[:-1] + ', "destination": {"type": "EXTERNAL_WALLET", "id": "till"}}',
        "NaN": text.replace(amount, '"amount": NaN'),
        "exponent beyond words": text.replace(amount, '"amount": 1e999999999999999999999'),
        "negative": text.replace(amount, '"amount": "-1"'),
        "zero": text.replace(amount, '"amount": "0"'),
        "too fine": text.replace(amount, '"amount": "0.0000000000000000001"'),
        "beyond 256 bits": text.replace(amount, f'"amount": "{1 << 260}"'),
        "spaces in the amount": text.replace(amount, '"amount": " 1"'),
        "unknown field": text[:-1] + ', "amountt": "5"}',
        "trailing text": text + "x",
        "two documents": text + text,
        "an array": f"[{text}]",
        "not UTF-8": "",
        "deep": text[:-1] + ', "note": ' + "[" * 40 + "]" * 40 + "}",
        "fee alone": text[:-1] + ', "gasPrice": "5"}',
        "force sweep": text[:-1] + ', "forceSweep": true}',
        "several destinations": text[:-1] + ', "destinations": [{"amount": "1"}]}',
        "replaceTxByHash": text[:-1] + ', "replaceTxByHash": "0x11"}',
        "contract call": text[:-1] + ', "extraParameters": {"contractCallData": "0xa9059cbb"}}',
        "unknown asset": text.replace('"ETH"', '"DOGE"'),
        "unlisted wallet": text.replace('"shop"', '"nobody"'),
        "tagged": text.replace('"id": "shop"', '"id": "shop", "walletId": "w"'),
    }
    for name, content in texts.items():
        data = b"\xff" + text.encode() if name == "not UTF-8" else content.encode()
        yield harmful(name, "intent", _signed_by_requester(data))
    for kind, change in {
        "short digest": (ECDSA, lambda m: m.update(content=m["content"][:-2])),
        "ECDSA on the Ed25519 branch": (ECDSA, lambda m: m.update(derivationPath=[1729, 1, 0])),
        "Ed25519 on the ECDSA branch": (EDDSA, lambda m: m.update(derivationPath=[1729, 0, 0])),
        "hardened path": (EDDSA, lambda m: m.update(derivationPath=[1729, 1, 1 << 31])),
        "content with prefix": (EDDSA, lambda m: m.update(content="0x" + m["content"])),
        "empty content": (EDDSA, lambda m: m.update(content="")),
    }.items():
        made = body(change[0], 7)
        change[1](_messages(made)[0])
        yield harmful(kind, "intent", _signed_by_requester(encode(made)))


def _signed_by_requester(content: bytes) -> Run:
    async def run(stage: Stage) -> Outcome:
        return await from_admission(stage, stage.request(content, covered=False))

    return run
