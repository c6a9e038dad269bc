"""Approvers' statements: the structure by itself; and signed ones, against a charter, an intent, a clock."""

from collections.abc import Iterator
from typing import Any

from tests.core.spec.generate.charters import APPROVED, WITH_APPROVERS
from tests.core.spec.generate.encode import canonical, digest, sshsig
from tests.core.spec.generate.structures import INTENT, Case, structure
from tests.core.spec.generate.world import CLUSTER, NOW, changed, without

LABEL = "quorate/statement/v1"
CHARTER_HASH = digest("quorate/charter/v1", canonical(APPROVED))
INTENT_HASH = digest("quorate/intent/v1", canonical(INTENT | {"charter": CHARTER_HASH.hex()}))
STATEMENT: dict[str, Any] = {
    "cluster": CLUSTER, "charter": CHARTER_HASH.hex(), "intent": INTENT_HASH.hex(), "verdict": "approve",
    "approver": "dana", "round": 1, "issued_at": NOW + 60, "expires_at": NOW + 3600,
}  # fmt: skip
REJECTION = STATEMENT | {"verdict": "reject", "approver": "erin", "round": 2}


def build() -> dict[str, Any]:
    return {
        "statement": structure(LABEL, {"approval": STATEMENT, "rejection": REJECTION}, list(_forms())),
        "statement-signed": {
            "charter": WITH_APPROVERS,
            "intent": INTENT_HASH.hex(),
            "now": NOW + 120,
            "valid": [
                _signed("ssh-ed25519", STATEMENT, "dana/ssh"),
                _signed("sk-ssh-ed25519", REJECTION, "erin/fido", fido=True),
                _signed("issued 5 s ahead", STATEMENT | {"issued_at": NOW + 125}, "dana/ssh"),
                _signed("its last second", STATEMENT | {"expires_at": NOW + 121}, "dana/ssh"),
            ],
            "invalid": [{**entry, "code": code} for entry, code in _refused()],
        },
    }


def _forms() -> Iterator[Case]:
    s = STATEMENT
    yield "not an object", [s], "wrong_type"
    yield "unknown member", s | {"note": ""}, "unknown_member"
    yield "member missing", without(s, "round"), "missing_member"
    yield "unknown verdict", s | {"verdict": "abstain"}, "wrong_type"
    yield "approver id in upper case", s | {"approver": "Dana"}, "identifier"
    yield "round 0", s | {"round": 0}, "wrong_type"
    yield "round as text", s | {"round": "1"}, "wrong_type"
    yield "upper-case hash", s | {"intent": "AB" * 32}, "wrong_type"
    yield "hash too short", s | {"charter": "ab" * 31}, "wrong_type"
    yield "cluster too short", s | {"cluster": "c0ffee"}, "wrong_type"
    yield "expires when issued", s | {"expires_at": NOW + 60}, "statement_lifetime"
    yield "lives 86,401 s", s | {"expires_at": NOW + 60 + 86_401}, "statement_lifetime"


def _refused() -> Iterator[tuple[dict[str, str], str]]:
    s = STATEMENT
    for name, value, code in (
        ("another cluster", s | {"cluster": "00" * 16}, "statement_cluster"),
        ("another charter", s | {"charter": "ab" * 32}, "statement_charter"),
        ("another intent", s | {"intent": "ab" * 32}, "statement_intent"),
        ("an administrator", s | {"approver": "alice"}, "statement_approver"),
        ("nobody of the charter", s | {"approver": "mallory"}, "statement_approver"),
        ("another approver's key", s | {"approver": "erin"}, "statement_signature"),
        ("issued 6 s ahead", s | {"issued_at": NOW + 126}, "statement_time"),
        ("expired now", s | {"expires_at": NOW + 120}, "statement_time"),
        ("lives too long", s | {"expires_at": NOW + 60 + 86_401}, "statement_form"),
    ):
        yield _signed(name, value, "dana/ssh"), code
    good = _signed("", s, "dana/ssh")
    yield (
        good | {"name": "a stranger's key", "armor": sshsig("mallory/ssh", LABEL, _body(s))},
        ("statement_signature"),
    )
    yield (
        good | {"name": "signed under another label", "armor": _under("quorate/order/v1")},
        ("statement_signature"),
    )
    yield (
        good | {"name": "another verdict", "text": _body(changed(s, "verdict", "reject")).decode()},
        ("statement_signature"),
    )
    yield (
        good | {"name": "another round", "text": _body(changed(s, "round", 2)).decode()},
        ("statement_signature"),
    )
    yield good | {"name": "no armor", "armor": ""}, "statement_signature"
    yield good | {"name": "white space", "text": _body(s).decode().replace(":1,", ": 1,")}, "statement_form"
    untouched = sshsig("erin/fido", LABEL, _body(REJECTION), fido=True, flags=0)
    yield (
        _signed("FIDO key not touched", REJECTION, "erin/fido", fido=True) | {"armor": untouched},
        ("statement_signature"),
    )


def _signed(name: str, value: Any, key: str, *, fido: bool = False) -> dict[str, str]:
    return {"name": name, "text": _body(value).decode(), "armor": sshsig(key, LABEL, _body(value), fido=fido)}


def _body(value: Any) -> bytes:
    return canonical(value)


def _under(namespace: str) -> str:
    return sshsig("dana/ssh", namespace, _body(STATEMENT))
