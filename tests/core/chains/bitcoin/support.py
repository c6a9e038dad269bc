"""Keys, coins and PSBTs for these tests; Bitcoin Core's own script interpreter judges what is signed."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import pbk
from coincurve import PrivateKey
from pbk.script import PrecomputedTransactionData

from quorate.core.chains.bitcoin import wallet as wallets
from quorate.core.chains.bitcoin.attach import ORDER, Signature
from quorate.core.chains.bitcoin.build import Utxo
from quorate.core.chains.bitcoin.holding import Holding, KeyOrigin, below_root
from quorate.core.chains.bitcoin.to_sign import InputToSign, ToSign
from quorate.core.chains.bitcoin.wallet import Policy, Wallet
from tests.core.vectors import OWN

NETWORK = "regtest"
ACCOUNT = 7
PURPOSES = {"p2pkh": 44, "p2sh-p2wpkh": 49, "p2wpkh": 84, "p2tr": 86}
ROOTS = tuple(PrivateKey(hashlib.sha256(b"bitcoin test root %d" % n).digest()) for n in range(3))
CODES = tuple(hashlib.sha256(b"bitcoin test code %d" % n).digest() for n in range(3))
Path = tuple[int, ...]


def psbt_items() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(name, context, item) of every bitcoin-psbt item of the incidents and of good/."""
    found = []
    names = [*sorted(OWN.glob("incidents/*.json")), *sorted(OWN.glob("good/bitcoin-*.json"))]
    for document in (json.loads(path.read_text()) for path in names):
        for case in document.get("cases", [document]):
            for number, item in enumerate(case["items"]):
                if item["format"] == "bitcoin-psbt":
                    found.append((f"{case['id']}/{number}", case["context"], item))
    return found


def item_bytes(item: dict[str, Any]) -> bytes:
    return base64.b64decode(item["bytes"], validate=True)


@cache
def secret(path: Path, root: int = 0) -> PrivateKey:
    """The private side of BIP32's non-hardened derivation."""
    key, code = ROOTS[root], CODES[root]
    for index in path:
        mac = hmac.digest(code, key.public_key.format() + index.to_bytes(4, "big"), hashlib.sha512)
        key, code = key.add(mac[:32]), mac[32:]
    return key


def path(kind: str, index: int, change: int = 0) -> Path:
    return (PURPOSES[kind], 1, ACCOUNT, change, index)


def holding(kind: str, index: int, change: int = 0) -> Holding:
    if kind == "p2wsh":
        below = path("p2wpkh", index, change)
        keys = (
            below_root(r.public_key.format(), c, below).keys[0] for r, c in zip(ROOTS, CODES, strict=True)
        )
        return Holding("p2wsh", tuple(KeyOrigin(k.fingerprint, k.path, k.public_key) for k in keys), 2)
    return below_root(ROOTS[0].public_key.format(), CODES[0], path(kind, index, change))


def wallet(root: int = 0, account: int = ACCOUNT) -> Wallet:
    """One account of the first root, and a 2-of-3 policy over the p2wpkh branches of all, seen by `root`."""
    each = [
        wallets.from_root(key.public_key.format(), code, network=NETWORK, account=account)
        for key, code in zip(ROOTS, CODES, strict=True)
    ]
    policy = Policy(2, True, tuple(w.accounts["p2wpkh"] for w in each))
    return Wallet(each[root].fingerprint, each[0].accounts, policy)


def transaction(outputs: Sequence[tuple[int, bytes]], seed: bytes = b"", witness: bool = True) -> bytes:
    """A previous transaction as the network serialises it; its own input is made up."""
    body = b"\x01" + hashlib.sha256(seed).digest() + bytes(4) + b"\x00" + b"\xff" * 4
    body += bytes([len(outputs)])
    body += b"".join(amount.to_bytes(8, "little") + bytes([len(s)]) + s for amount, s in outputs)
    if not witness:
        return b"\x02\x00\x00\x00" + body + bytes(4)
    return b"\x02\x00\x00\x00\x00\x01" + body + b"\x02\x01\x30\x01\x02" + bytes(4)


def coin(kind: str, amount: int, index: int = 0) -> Utxo:
    """A coin at m/.../0/index, made by a transaction with another output before it."""
    own = holding(kind, index)
    previous = transaction(
        [(1_234, b"\x6a"), (amount, own.script)], f"{kind}{amount}{index}".encode(), index % 2 == 0
    )
    return Utxo(str(pbk.Transaction(previous).txid), 1, amount, own, previous)


def sign(item: InputToSign, root: int = 0) -> Signature:
    """What a keeper answers for one input, with the whole key."""
    key = secret(item.path, root)
    if item.scheme == 2:
        assert item.tap_tweak is not None
        return Signature(item.public_key, tweaked(key, item.tap_tweak).sign_schnorr(item.digest))
    return Signature(item.public_key, ecdsa(key, item.digest))


def tweaked(key: PrivateKey, tweak: bytes) -> PrivateKey:
    """BIP341, taproot_tweak_seckey."""
    number = key.to_int() if key.public_key.format()[0] == 2 else ORDER - key.to_int()
    return PrivateKey.from_int((number + int.from_bytes(tweak, "big")) % ORDER)


def ecdsa(key: PrivateKey, digest: bytes) -> bytes:
    return key.sign_recoverable(digest, hasher=None)[:64]


def sign_all(request: ToSign, others: ToSign | None = None) -> list[list[Signature]]:
    """One signature an input; two where a second cosigner's request is given and it is a multisig input."""
    signed = []
    for place, item in enumerate(request.inputs):
        signed.append([sign(item)])
        other = others.inputs[place] if others else None
        if other is not None and other.public_key != item.public_key:
            signed[-1].append(sign(other, 1))
    return signed


def verdicts(raw: bytes, spent: Sequence[tuple[int, bytes]]) -> list[bool]:
    """libbitcoinkernel on every input, all consensus flags. `spent`: (amount, script) of each input."""
    tx = pbk.Transaction(raw)
    outputs = [pbk.TransactionOutput(pbk.ScriptPubkey(script), amount) for amount, script in spent]
    data = PrecomputedTransactionData(tx, outputs)
    flags = pbk.ScriptVerificationFlags.ALL
    return [
        bool(pbk.ScriptPubkey(script).verify(amount, tx, data, index, flags))
        for index, (amount, script) in enumerate(spent)
    ]


Maps = list[dict[bytes, bytes]]


def split(data: bytes) -> Maps:
    """The maps of a well-formed PSBT of small fields: {key: value}, written without the package's reader."""
    maps: Maps = [{}]
    at = 5
    while at < len(data):
        key, at = _sized(data, at)
        if not key:
            maps.append({})
            continue
        maps[-1][key], at = _sized(data, at)
    return maps[:-1]


def join(maps: Sequence[dict[bytes, bytes]]) -> bytes:
    body = b"".join(
        b"".join(_size(len(k)) + k + _size(len(v)) + v for k, v in each.items()) + b"\x00" for each in maps
    )
    return b"psbt\xff" + body


def _sized(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = data[at], at + 1
    if length >= 0xFD:
        width = {0xFD: 2, 0xFE: 4}[length]
        length, at = int.from_bytes(data[at : at + width], "little"), at + width
    return data[at : at + length], at + length


def _size(length: int) -> bytes:
    if length < 0xFD:
        return bytes([length])
    return (
        b"\xfd" + length.to_bytes(2, "little") if length < 1 << 16 else b"\xfe" + length.to_bytes(4, "little")
    )
