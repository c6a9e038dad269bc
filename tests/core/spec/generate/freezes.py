"""Freezes and vetoes: bodies, the one administrator's signature, and the state of a set of freezes."""

import hashlib
from typing import Any

from tests.core.spec.generate.encode import canonical, digest, sshsig
from tests.core.spec.generate.structures import Case, structure
from tests.core.spec.generate.world import CHARTER_HASH, CLUSTER, NOW, USER, changed, without

FREEZE_LABEL = "quorate/freeze/v1"
VETO_LABEL = "quorate/veto/v1"
FREEZE: dict[str, Any] = {
    "cluster": CLUSTER, "id": "0123456789abcdef" * 2, "scope": "workspace", "subject": None, "by": "alice",
    "created_at": NOW,
}  # fmt: skip
VETO = {"cluster": CLUSTER, "charter": CHARTER_HASH.hex(), "by": "bob", "created_at": NOW}


def _of(scope: str, subject: str | None, id: str) -> dict[str, Any]:
    return {**FREEZE, "scope": scope, "subject": subject, "id": id * 32}


SCOPES = {
    "workspace": FREEZE,
    "account": _of("account", "7", "1"),
    "asset": _of("asset", "USDC", "2"),
    "key": _of("key", "main-ecdsa", "3"),
    "user": _of("user", USER, "4"),
}


def build() -> dict[str, Any]:
    return {
        "freeze": structure(FREEZE_LABEL, SCOPES, _freeze_cases()),
        "veto": structure(VETO_LABEL, {"of a version": VETO}, _veto_cases()),
        "freeze-document": _documents(FREEZE_LABEL, FREEZE, "freeze"),
        "veto-document": _documents(VETO_LABEL, VETO | {"by": "alice"}, "veto"),
        "freeze-state": _states(),
    }


def _freeze_cases() -> list[Case]:
    account = SCOPES["account"]
    return [
        ("not an object", [FREEZE], "wrong_type"),
        ("unknown member", FREEZE | {"reason": ""}, "unknown_member"),
        ("member missing", without(FREEZE, "subject"), "missing_member"),
        ("id too short", changed(FREEZE, "id", "01" * 15), "wrong_type"),
        ("unknown scope", changed(account, "scope", "chain"), "wrong_type"),
        ("workspace with subject", changed(FREEZE, "subject", "0"), "freeze_shape"),
        ("account without subject", changed(account, "subject", None), "freeze_shape"),
        ("account with leading zero", changed(account, "subject", "07"), "identifier"),
        ("account of 2^31", changed(account, "subject", str(2**31)), "identifier"),
        ("asset beyond its form", changed(SCOPES["asset"], "subject", "US DC"), "identifier"),
        ("key in upper case", changed(SCOPES["key"], "subject", "Main"), "identifier"),
        ("user beyond ASCII", changed(SCOPES["user"], "subject", "Jürgen"), "identifier"),
        ("subject as a number", changed(account, "subject", 7), "wrong_type"),
        ("by nobody", changed(FREEZE, "by", ""), "identifier"),
        ("time as text", changed(FREEZE, "created_at", str(NOW)), "wrong_type"),
    ]


def _veto_cases() -> list[Case]:
    return [
        ("unknown member", VETO | {"version": 2}, "unknown_member"),
        ("member missing", without(VETO, "by"), "missing_member"),
        ("hash too short", changed(VETO, "charter", "ab" * 31), "wrong_type"),
        ("by in upper case", changed(VETO, "by", "Bob"), "identifier"),
    ]


def _documents(label: str, body: dict[str, Any], name: str) -> dict[str, Any]:
    """Under version 1 of the charter: administrators alice and bob."""
    data = canonical(body)

    def signed(by: str, signer: str, namespace: str = label, what: bytes = data) -> dict[str, str]:
        return {"administrator": by, "armor": sshsig(f"{signer}/ssh", namespace, what)}

    other = canonical(body | {"cluster": "00" * 16})
    invalid: list[tuple[str, bytes, list[dict[str, str]], str]] = [
        ("signed by nobody", data, [], f"{name}_signature"),
        ("by a stranger in her own name", data, [signed("mallory", "mallory")], f"{name}_signature"),
        ("by a stranger in another's name", data, [signed("alice", "mallory")], f"{name}_signature"),
        ("by an administrator it does not name", data, [signed("bob", "bob")], f"{name}_signature"),
        ("by two", data, [signed("alice", "alice"), signed("bob", "bob")], f"{name}_signature"),
        ("as an order", data, [signed("alice", "alice", "quorate/order/v1")], f"{name}_signature"),
        ("over other bytes", data, [signed("alice", "alice", label, data + b" ")], f"{name}_signature"),
        ("of another cluster", other, [signed("alice", "alice", label, other)], f"{name}_cluster"),
    ]
    return {
        "valid": [{"name": "by alice", "text": data.decode(), "signatures": [signed("alice", "alice")]}],
        "invalid": [
            {"name": case, "text": text.decode(), "signatures": signatures, "code": code}
            for case, text, signatures, code in invalid
        ],
    }


def _states() -> list[dict[str, Any]]:
    """What is known of freezes -> count and hash."""
    hashes = {name: digest(FREEZE_LABEL, canonical(body)) for name, body in SCOPES.items()}

    def state(in_force: list[str], lifted: list[str]) -> dict[str, Any]:
        joined = b"".join(sorted(hashes[name] for name in in_force))
        return {
            "in_force": [canonical(SCOPES[name]).decode() for name in in_force],
            "lifted": [SCOPES[name]["id"] for name in lifted],
            "count": len(in_force) + 2 * len(lifted),
            "hash": hashlib.sha256(joined).hexdigest(),
        }

    return [
        state([], []),
        state(["workspace"], []),
        state(["user", "account", "workspace"], []),
        state([], ["workspace"]),
        state(["key"], ["workspace", "asset"]),
    ]
