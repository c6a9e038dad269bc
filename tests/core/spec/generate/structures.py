"""The JSON structures: valid examples with hash and signature, and invalid ones with one failure each."""

import hashlib
from collections.abc import Iterator
from typing import Any

from tests.core.spec.generate import bitcoin, solana, tron, world
from tests.core.spec.generate.encode import canonical, digest, lp, seed, sign
from tests.core.spec.generate.world import (
    CHARTER_HASH,
    CLUSTER,
    NOW,
    OTHER,
    TOKEN_CONTRACT,
    USER,
    WHITELISTED,
    changed,
    without,
)

EMPTY_HASH = hashlib.sha256(b"").hexdigest()
REQUEST_ID = digest("quorate/request-id/v1", lp(USER) + lp("0b9c6a6e-nonce"))

INTENT: dict[str, Any] = {
    "cluster": CLUSTER,
    "charter": CHARTER_HASH.hex(),
    "dialect": "fireblocks",
    "request_id": REQUEST_ID.hex(),
    "user": USER,
    "external_id": "payout-4711",
    "operation": "TRANSFER",
    "source": {"vault_account": "0"},
    "destination": {"type": "whitelist", "id": "partner-test", "address": WHITELISTED},
    "asset": "USDC",
    "amount": "1500000",
    "key": "main-ecdsa",
    "chain": "evm:31337",
    "path": [44, 60, 0, 0, 0],
    "effects": [{"type": "token_transfer", "token": TOKEN_CONTRACT, "to": WHITELISTED, "amount": "1500000"}],
    "messages": [],
    "fee_ceiling": "50000000000000000",
    "created_at": NOW,
    "expires_at": NOW + 3600,
}
NATIVE = {
    **INTENT,
    "external_id": None,
    "destination": {"type": "one_time", "id": None, "address": OTHER},
    "asset": "ETH_TEST",
    "amount": "1",
    "effects": [{"type": "native_transfer", "to": OTHER, "amount": "1"}],
}
TRON: dict[str, Any] = {
    **INTENT,
    "charter": digest("quorate/charter/v1", canonical(tron.CHARTER_WITH_TRON)).hex(),
    "external_id": None,
    "destination": {"type": "whitelist", "id": "partner-tron", "address": tron.PAYEE},
    "asset": "USDT",
    "chain": tron.CHAIN,
    "path": [44, 1, 0, 0, 0],
    "effects": [{"type": "token_transfer", "token": tron.TOKEN, "to": tron.PAYEE, "amount": "1500000"}],
    "fee_ceiling": "50000000",
}
TRON_ATTEMPT = {
    "intent": digest("quorate/intent/v1", canonical(TRON)).hex(),
    "format": "tron-tx",
    "bytes": tron.UNSIGNED_TX.hex(),
}
BITCOIN: dict[str, Any] = {
    **INTENT,
    "charter": digest("quorate/charter/v1", canonical(bitcoin.CHARTER_WITH_BITCOIN)).hex(),
    "external_id": None,
    "destination": {"type": "whitelist", "id": "partner-btc", "address": bitcoin.PAYEE},
    "asset": "BTC",
    "amount": "60000",
    "chain": bitcoin.CHAIN,
    "path": [84, 1, 0, 0, 0],
    "effects": [{"type": "native_transfer", "to": bitcoin.PAYEE, "amount": "60000"}],
    "fee_ceiling": "50000",
}
BITCOIN_ATTEMPT = {
    "intent": digest("quorate/intent/v1", canonical(BITCOIN)).hex(),
    "format": "bitcoin-psbt",
    "bytes": bitcoin.UNSIGNED_PSBT.hex(),
}
OWN = {**NATIVE, "destination": {"type": "own_account", "id": "12", "address": OTHER}}
RAW: dict[str, Any] = {
    **INTENT,
    "operation": "RAW",
    "source": {"vault_account": None},
    "destination": None,
    "asset": None,
    "amount": None,
    "key": "main-eddsa",
    "chain": None,
    "path": [],
    "effects": [],
    "messages": [{"content": "48616c6c6f", "path": [1729, 1, 5], "scheme": "ed25519"}],
    "fee_ceiling": None,
}
RAW_ECDSA = {
    **RAW,
    "key": "main-ecdsa",
    "messages": [
        {"content": "11" * 32, "path": [1729, 0, 5], "scheme": "ecdsa-secp256k1"},
        {"content": "22" * 32, "path": [44, 60, 0, 0, 3], "scheme": "ecdsa-secp256k1"},
    ],
}
CALL: dict[str, Any] = {
    **NATIVE,
    "operation": "CONTRACT_CALL",
    "amount": "0",
    "effects": [],
    "data": "d0e30db0",
}
TYPED: dict[str, Any] = {
    **RAW,
    "operation": "TYPED_MESSAGE",
    "source": {"vault_account": "0"},
    "asset": "ETH_TEST",
    "key": "main-ecdsa",
    "chain": "evm:31337",
    "messages": [
        {"content": "48616c6c6f", "path": [44, 60, 0, 0, 0], "scheme": "ecdsa-secp256k1", "type": "EIP191"}
    ],
}
INTENT_HASH = digest("quorate/intent/v1", canonical(INTENT))
UNSIGNED_TX = bytes.fromhex(
    "02e8827a69808459682f008477359400825208943c44cdddb6a900fa2b585dd299e03d12fa4293bc0180c0"
)
ATTEMPT = {"intent": INTENT_HASH.hex(), "format": "evm-tx", "bytes": UNSIGNED_TX.hex()}
ADMISSION = {
    "cluster": CLUSTER, "signer": "signer-1", "incarnation": 3, "intent": INTENT_HASH.hex(), "user": USER,
    "token_nonce": "0b9c6a6e-nonce", "external_id": "payout-4711", "time_ms": NOW * 1000 + 12,
}  # fmt: skip
ACKNOWLEDGEMENT = {
    "cluster": CLUSTER, "signer": "signer-2", "version": 1, "charter": CHARTER_HASH.hex(), "freeze_count": 0,
    "freeze_hash": EMPTY_HASH, "incarnation": 1, "time_ms": NOW * 1000,
}  # fmt: skip
PEER_STATE: dict[str, Any] = {
    "cluster": CLUSTER, "from": "signer-2", "about": "signer-1", "nonce": "5a" * 32, "version": 1,
    "charter": CHARTER_HASH.hex(), "freeze_count": 0, "freeze_hash": EMPTY_HASH, "time_ms": NOW * 1000,
    "known": {"incarnation": 2, "tally_count": 17, "tally_head": "77" * 32, "log_size": 901},
}  # fmt: skip
ORDER: dict[str, Any] = {
    "cluster": CLUSTER, "charter": CHARTER_HASH.hex(), "id": "0123456789abcdef" * 2, "kind": "key-create",
    "key": "main-ecdsa", "signer": None, "incarnation": None, "created_at": NOW, "expires_at": NOW + 3600,
}  # fmt: skip
READMIT = {**ORDER, "kind": "readmit", "key": None, "signer": "signer-3", "incarnation": 4}
UNFREEZE = {**ORDER, "kind": "unfreeze", "key": None, "freezes": ["11" * 16, "22" * 16]}
ORDER_HASH = digest("quorate/order/v1", canonical(ORDER))
CERTIFICATE: dict[str, Any] = {
    "cluster": CLUSTER, "charter": CHARTER_HASH.hex(), "order": ORDER_HASH.hex(), "key": "main-ecdsa",
    "curve": "secp256k1", "engine": "dkls23-core-0.6.2", "epoch": 1, "threshold": 2,
    "signers": list(world.SIGNERS),
    "public_key": "0339a36013301597daef41fbe593a02cc513d0b55527ec2df1050e2e8ff49c85c2",
    "chain_code": "873dff81c02f525623fd1fe5167eac3a55a049de3d314bb42ee227ffed37d508",
}  # fmt: skip
CERTIFICATE_ED25519 = {
    **CERTIFICATE, "key": "main-eddsa", "curve": "ed25519", "engine": "frost-ed25519-3",
    "public_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
}  # fmt: skip
LEAF = {
    "cluster": CLUSTER, "signer": "signer-1", "index": 0, "time_ms": NOW * 1000, "event": "started",
    "data": {"incarnation": 1},
}  # fmt: skip

Case = tuple[str, Any, str]


def build() -> dict[str, Any]:
    return {
        "intent": structure(
            "quorate/intent/v1",
            {
                "token transfer": INTENT,
                "native transfer": NATIVE,
                "TRON token transfer": TRON,
                "bitcoin transfer": BITCOIN,
                "to an own account": OWN,
                "RAW Ed25519": RAW,
                "RAW ECDSA": RAW_ECDSA,
                "token on Solana": solana.transfer(INTENT),
                "contract call": CALL,
                "typed message": TYPED,
            },
            [*_intent_cases(), *solana.intent_cases(INTENT)],
        ),
        "attempt": structure(
            "quorate/attempt/v1",
            {
                "evm-tx": ATTEMPT,
                "tron-tx": TRON_ATTEMPT,
                "bitcoin-psbt": BITCOIN_ATTEMPT,
                "solana-message": solana.attempt(INTENT),
                "raw": {**ATTEMPT, "format": "raw", "bytes": ""},
            },
            [
                ("tron-tx without bytes", changed(TRON_ATTEMPT, "bytes", ""), "wrong_type"),
                ("unknown format", changed(ATTEMPT, "format", "bitcoin-tx"), "wrong_type"),
                ("bitcoin-psbt without bytes", changed(BITCOIN_ATTEMPT, "bytes", ""), "wrong_type"),
                ("evm-tx without bytes", changed(ATTEMPT, "bytes", ""), "wrong_type"),
                ("raw with bytes", changed(ATTEMPT, "format", "raw"), "wrong_type"),
                ("odd hexadecimal", changed(ATTEMPT, "bytes", "020"), "wrong_type"),
                ("member missing", without(ATTEMPT, "format"), "missing_member"),
            ],
        ),
        "admission": structure(
            "quorate/admission/v1",
            {"with external id": ADMISSION, "without": {**ADMISSION, "external_id": None}},
            [
                *_common(ADMISSION, "intent"),
                ("empty nonce", changed(ADMISSION, "token_nonce", ""), "identifier"),
            ],
            "signer-1/vote",
        ),
        "acknowledgement": structure(
            "quorate/acknowledgement/v1",
            {
                "of version 1": ACKNOWLEDGEMENT,
                "with a freeze": {**ACKNOWLEDGEMENT, "freeze_count": 3, "freeze_hash": "99" * 32},
            },
            [
                *_common(ACKNOWLEDGEMENT, "charter"),
                ("version 0", changed(ACKNOWLEDGEMENT, "version", 0), "wrong_type"),
            ],
            "signer-2/vote",
        ),
        "peer-state": structure(
            "quorate/peer-state/v1",
            {
                "something known": PEER_STATE,
                "nothing known": {**PEER_STATE, "known": None},
                "with a freeze": {**PEER_STATE, "freeze_count": 3, "freeze_hash": "99" * 32},
            },
            [
                *_common(without(PEER_STATE, "known") | {"known": None}, "nonce", signer="about"),
                ("known without log size", without(PEER_STATE, "known", "log_size"), "missing_member"),
                ("known incarnation 0", changed(PEER_STATE, "known", "incarnation", 0), "wrong_type"),
            ],
            "signer-2/vote",
        ),
        "order": structure(
            "quorate/order/v1",
            {"key-create": ORDER, "readmit": READMIT, "unfreeze": UNFREEZE},
            _order_cases(),
        ),
        "key-certificate": structure(
            "quorate/key/v1",
            {"secp256k1": CERTIFICATE, "ed25519": CERTIFICATE_ED25519},
            _certificate_cases(),
            "signer-1/vote",
        ),
        "log-leaf": structure(
            "quorate/log-leaf/v1",
            {"started": LEAF},
            [("unknown member", LEAF | {"note": ""}, "unknown_member")],
        ),
        "request-id": [{"user": USER, "nonce": "0b9c6a6e-nonce", "hash": REQUEST_ID.hex()}],
    }


def structure(label: str, valid: dict[str, Any], invalid: list[Case], signer: str = "") -> dict[str, Any]:
    return {
        "label": label,
        "valid": [_valid(label, name, value, signer) for name, value in valid.items()],
        "invalid": [
            {"name": name, "text": canonical(value).decode(), "code": code} for name, value, code in invalid
        ],
    }


def _valid(label: str, name: str, value: Any, signer: str) -> dict[str, str]:
    body = canonical(value)
    entry = {"name": name, "text": body.decode(), "hash": digest(label, body).hex()}
    if signer:
        entry |= {"signer": signer, "seed": seed(signer).hex(), "signature": sign(signer, label, body).hex()}
    return entry


def _common(base: dict[str, Any], hash_member: str, signer: str = "signer") -> Iterator[Case]:
    """What each record refuses alike."""
    yield "not an object", [base], "wrong_type"
    yield "unknown member", base | {"x": 1}, "unknown_member"
    yield "member missing", without(base, "time_ms"), "missing_member"
    yield "time as text", changed(base, "time_ms", str(base["time_ms"])), "wrong_type"
    yield "negative time", changed(base, "time_ms", -1), "wrong_type"
    yield "a boolean for an integer", changed(base, "time_ms", True), "wrong_type"
    yield "cluster too short", changed(base, "cluster", "c0ffee"), "wrong_type"
    yield "upper-case hash", changed(base, hash_member, "AB" * 32), "wrong_type"
    yield "hash too short", changed(base, hash_member, "ab" * 31), "wrong_type"
    yield "hash with prefix", changed(base, hash_member, "0x" + "ab" * 31), "wrong_type"
    yield "signer id in upper case", changed(base, signer, "Signer-1"), "identifier"


def _intent_cases() -> list[Case]:
    effect = INTENT["effects"][0]
    lower = WHITELISTED.lower()
    return [
        ("not an object", [INTENT], "wrong_type"),
        ("unknown member", INTENT | {"memo": ""}, "unknown_member"),
        ("member missing", without(INTENT, "fee_ceiling"), "missing_member"),
        ("unknown dialect", changed(INTENT, "dialect", "other"), "wrong_type"),
        ("unknown operation", changed(INTENT, "operation", "MINT"), "wrong_type"),
        ("empty user", changed(INTENT, "user", ""), "identifier"),
        ("user beyond ASCII", changed(INTENT, "user", "Jürgen"), "identifier"),
        ("external id too long", changed(INTENT, "external_id", "x" * 256), "identifier"),
        ("amount as a number", changed(INTENT, "amount", 1_500_000), "wrong_type"),
        ("amount with leading zero", changed(INTENT, "amount", "01500000"), "wrong_type"),
        ("amount zero", changed(INTENT, "amount", "0"), "wrong_type"),
        ("negative amount", changed(INTENT, "amount", "-1"), "wrong_type"),
        ("amount with fraction", changed(INTENT, "amount", "1.5"), "wrong_type"),
        ("amount of 2^256", changed(INTENT, "amount", str(2**256)), "wrong_type"),
        ("address without checksum", changed(INTENT, "destination", "address", lower), "wrong_type"),
        ("effect to an address without checksum", changed(INTENT, "effects", 0, "to", lower), "wrong_type"),
        ("EVM address on TRON", changed(TRON, "effects", 0, "to", OTHER), "wrong_type"),
        (
            "TRON address in hexadecimal",
            changed(TRON, "destination", "address", "41" + OTHER[2:].lower()),
            "wrong_type",
        ),
        (
            "address of another Bitcoin network",
            changed(BITCOIN, "destination", "address", bitcoin.ON_MAINNET),
            "wrong_type",
        ),
        (
            "Bitcoin address in upper case",
            changed(BITCOIN, "effects", 0, "to", bitcoin.PAYEE.upper()),
            "wrong_type",
        ),
        ("EVM address on Bitcoin", changed(BITCOIN, "effects", 0, "to", OTHER), "wrong_type"),
        ("unknown destination type", changed(INTENT, "destination", "type", "exchange"), "wrong_type"),
        ("one-time address with id", changed(NATIVE, "destination", "id", "partner"), "wrong_type"),
        ("own account without id", changed(OWN, "destination", "id", None), "identifier"),
        ("account with leading zero", changed(INTENT, "source", "vault_account", "00"), "identifier"),
        ("account of 2^31", changed(INTENT, "source", "vault_account", str(2**31)), "identifier"),
        ("hardened index", changed(INTENT, "path", 1, 2**31), "wrong_type"),
        ("path of one", changed(INTENT, "path", [44]), "wrong_type"),
        ("path of eleven", changed(INTENT, "path", [44] * 11), "wrong_type"),
        ("token transfer without token", without(INTENT, "effects", 0, "token"), "missing_member"),
        (
            "native transfer with token",
            changed(INTENT, "effects", 0, "type", "native_transfer"),
            "unknown_member",
        ),
        ("unknown effect", changed(NATIVE, "effects", 0, "type", "approval"), "wrong_type"),
        (
            "effects not sorted",
            changed(INTENT, "effects", [effect | {"amount": "2"}, effect | {"amount": "1"}]),
            "intent_shape",
        ),
        ("TRANSFER without destination", changed(INTENT, "destination", None), "intent_shape"),
        ("TRANSFER without account", changed(INTENT, "source", "vault_account", None), "intent_shape"),
        ("TRANSFER without path", changed(INTENT, "path", []), "intent_shape"),
        ("TRANSFER without effects", changed(INTENT, "effects", []), "intent_shape"),
        ("TRANSFER without fee ceiling", changed(INTENT, "fee_ceiling", None), "intent_shape"),
        ("TRANSFER with messages", changed(INTENT, "messages", RAW["messages"]), "intent_shape"),
        ("expires when created", changed(INTENT, "expires_at", NOW), "intent_shape"),
        ("RAW without messages", changed(RAW, "messages", []), "intent_shape"),
        ("RAW with amount", changed(RAW, "amount", "1"), "intent_shape"),
        ("RAW with fee ceiling", changed(RAW, "fee_ceiling", "1"), "intent_shape"),
        ("RAW with path", changed(RAW, "path", [44, 60]), "intent_shape"),
        ("RAW with an asset only", changed(RAW, "asset", "ETH"), "intent_shape"),
        ("RAW with an account only", changed(RAW, "source", "vault_account", "0"), "intent_shape"),
        ("RAW with effects", changed(RAW, "effects", NATIVE["effects"]), "intent_shape"),
        (
            "RAW of two schemes",
            changed(RAW, "messages", RAW["messages"] + RAW_ECDSA["messages"]),
            "intent_shape",
        ),
        ("seventeen messages", changed(RAW, "messages", RAW["messages"] * 17), "wrong_type"),
        ("ECDSA content of 31 bytes", changed(RAW_ECDSA, "messages", 0, "content", "11" * 31), "wrong_type"),
        ("empty Ed25519 content", changed(RAW, "messages", 0, "content", ""), "wrong_type"),
        ("unknown scheme", changed(RAW, "messages", 0, "scheme", "bip340"), "wrong_type"),
        ("message without path", without(RAW, "messages", 0, "path"), "missing_member"),
        ("CONTRACT_CALL without data", without(CALL, "data"), "intent_shape"),
        ("data that is null", changed(CALL, "data", None), "wrong_type"),
        ("data of no bytes", changed(CALL, "data", ""), "wrong_type"),
        ("data of 65,537 bytes", changed(CALL, "data", "00" * 65_537), "wrong_type"),
        ("TRANSFER with data", INTENT | {"data": "00"}, "intent_shape"),
        ("CONTRACT_CALL with effects", changed(CALL, "effects", NATIVE["effects"]), "intent_shape"),
        ("CONTRACT_CALL with messages", changed(CALL, "messages", RAW["messages"]), "intent_shape"),
        ("CONTRACT_CALL without amount", changed(CALL, "amount", None), "intent_shape"),
        ("TYPED_MESSAGE without type", changed(TYPED, "messages", RAW_ECDSA["messages"]), "intent_shape"),
        ("TYPED_MESSAGE of an unknown type", changed(TYPED, "messages", 0, "type", "TIP191"), "wrong_type"),
        ("TYPED_MESSAGE without chain", changed(TYPED, "chain", None), "intent_shape"),
        ("TYPED_MESSAGE with data", TYPED | {"data": "00"}, "intent_shape"),
        (
            "TYPED_MESSAGE with Ed25519",
            changed(TYPED, "messages", 0, "scheme", "ed25519"),
            "intent_shape",
        ),
        ("RAW of a type", changed(RAW_ECDSA, "messages", 0, "type", "EIP191"), "intent_shape"),
    ]


def _order_cases() -> list[Case]:
    return [
        ("unknown member", ORDER | {"epoch": 1}, "unknown_member"),
        ("member missing", without(ORDER, "incarnation"), "missing_member"),
        ("unknown kind", changed(ORDER, "kind", "key-export"), "wrong_type"),
        ("id too short", changed(ORDER, "id", "01" * 15), "wrong_type"),
        ("key-create without key", changed(ORDER, "key", None), "order_shape"),
        ("key-create with signer", changed(ORDER, "signer", "signer-1"), "order_shape"),
        ("readmit with key", changed(READMIT, "key", "main-ecdsa"), "order_shape"),
        ("readmit without incarnation", changed(READMIT, "incarnation", None), "order_shape"),
        ("incarnation 0", changed(READMIT, "incarnation", 0), "wrong_type"),
        ("unfreeze without freezes", without(UNFREEZE, "freezes"), "order_shape"),
        ("unfreeze with key", changed(UNFREEZE, "key", "main-ecdsa"), "order_shape"),
        ("key-create with freezes", ORDER | {"freezes": ["11" * 16]}, "order_shape"),
        ("freezes null", changed(UNFREEZE, "freezes", None), "wrong_type"),
        ("no freezes", changed(UNFREEZE, "freezes", []), "wrong_type"),
        ("65 freezes", changed(UNFREEZE, "freezes", [f"{n:032x}" for n in range(65)]), "wrong_type"),
        ("freezes not rising", changed(UNFREEZE, "freezes", ["22" * 16, "11" * 16]), "wrong_type"),
        ("a freeze twice", changed(UNFREEZE, "freezes", ["11" * 16, "11" * 16]), "wrong_type"),
        ("a freeze of 15 bytes", changed(UNFREEZE, "freezes", ["11" * 15]), "wrong_type"),
        ("lives 86,401 s", changed(ORDER, "expires_at", NOW + 86_401), "order_lifetime"),
        ("expires when created", changed(ORDER, "expires_at", NOW), "order_lifetime"),
    ]


def _certificate_cases() -> list[Case]:
    return [
        ("unknown member", CERTIFICATE | {"path": []}, "unknown_member"),
        ("member missing", without(CERTIFICATE, "chain_code"), "missing_member"),
        ("unknown curve", changed(CERTIFICATE, "curve", "p256"), "wrong_type"),
        ("engine of the other curve", changed(CERTIFICATE, "engine", "frost-ed25519-3"), "wrong_type"),
        ("epoch 2", changed(CERTIFICATE, "epoch", 2), "wrong_type"),
        ("uncompressed length", changed(CERTIFICATE, "public_key", "04" + "11" * 64), "wrong_type"),
        ("secp256k1 key of 32 bytes", changed(CERTIFICATE, "public_key", "11" * 32), "wrong_type"),
        ("signers not an array", changed(CERTIFICATE, "signers", "signer-1"), "wrong_type"),
    ]
