"""Writes docs/spec/vectors.json."""

import json
from pathlib import Path
from typing import Any

from tests.core.spec.generate import (
    binary,
    canonical_cases,
    charters,
    freezes,
    proofs,
    signatures,
    statements,
    structures,
)
from tests.core.spec.generate.encode import public_key, seed
from tests.core.spec.generate.world import SEED_NAMES

FILE = Path(__file__).resolve().parents[4] / "docs/spec/vectors.json"


ABOUT = [
    "Worked bytes of docs/spec, made by `python -m tests.core.spec.generate`.",
    "text: the body of a JSON structure, as UTF-8; body: bytes, as hexadecimal.",
    "hash: SHA-256(label || 0x0A || body).",
    "signature: Ed25519 over label || 0x0A || body by the key of `seed` (RFC 8032 private key).",
    "changes: {set: path, to: value} or {remove: path}, applied to the valid example `of`.",
    "code: what a reader refuses it with; found_by judge: a keeper does not look there and accepts the form.",
]


def document() -> dict[str, Any]:
    return {
        "about": ABOUT,
        "keys": {n: {"seed": seed(n).hex(), "public_key": public_key(n).hex()} for n in SEED_NAMES},
        "canonical": canonical_cases.build(),
        "sshsig": signatures.build(),
        **charters.build(),
        **structures.build(),
        **freezes.build(),
        **statements.build(),
        "certificates": proofs.build(),
        **binary.build(),
    }


def text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
    print(f"{FILE}: {FILE.stat().st_size} bytes")
