"""The cluster of docs/spec/vectors.json as objects, for tests that need a charter, certificates or whole
structures.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter, parse
from quorate.core.model.records import KeyCertificate

VECTORS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[2] / "docs/spec/vectors.json").read_bytes()
)


def example(structure: str, name: str) -> dict[str, Any]:
    """The valid example of that name."""
    return next(entry for entry in VECTORS[structure]["valid"] if entry["name"] == name)


def body(entry: Mapping[str, Any]) -> bytes:
    return entry["text"].encode() if "text" in entry else bytes.fromhex(entry["body"])


def charter() -> Charter:
    return parse(body(example("charter", "example")))


def certificates() -> dict[str, KeyCertificate]:
    found = [
        KeyCertificate.from_bytes(body(example("key-certificate", name))) for name in ("secp256k1", "ed25519")
    ]
    return {certificate.key: certificate for certificate in found}


def value(structure: str, name: str) -> Any:
    """The decoded JSON of a valid example."""
    return json.loads(example(structure, name)["text"])


def refusal(call: Callable[..., object], *arguments: object) -> QuorateError | None:
    """What the call was refused with, None where it was not. Anything else it raises goes through."""
    try:
        call(*arguments)
    except QuorateError as error:
        return error
    return None
