"""Small logs in memory, signed as a keeper signs them."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quorate.core.audit import checkpoint, merkle, tiles
from quorate.core.audit.checkpoint import Checkpoint, Verifier
from quorate.core.audit.events import Event

CLUSTER = "ab" * 16
SIGNER = "signer-1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


class LogCharter:
    """The part of a charter that log verification reads."""

    cluster = CLUSTER

    def __init__(self, key: Ed25519PrivateKey = KEY) -> None:
        self.log_key = key.public_key().public_bytes_raw()

    def signer(self, id: str) -> "LogCharter | None":
        return self if id == SIGNER else None


def leaf(index: int, /, **members: Any) -> bytes:
    fields = {
        "cluster": CLUSTER,
        "signer": SIGNER,
        "index": index,
        "time_ms": 1_800_000_000_000 + index,
        "event": "decision",
        "data": {"n": index},
    }
    return Event(**{**fields, **members}).to_leaf()


def note(head: Checkpoint, key: Ed25519PrivateKey, name: str = "") -> bytes:
    """A signed note with one signature by a log key."""
    verifier = Verifier(name or head.origin, key.public_key().public_bytes_raw())
    signature = base64.b64encode(verifier.key_id + key.sign(head.to_text().encode())).decode()
    return f"{head.to_text()}\n— {verifier.name} {signature}\n".encode()


def files(leaves: list[bytes], key: Ed25519PrivateKey = KEY) -> dict[str, bytes]:
    """The folder of a log, its checkpoint included."""
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    head = Checkpoint(checkpoint.origin(CLUSTER, SIGNER), len(leaves), merkle.root(hashes))
    written = tiles.changed_files(0, len(leaves), lambda a, b: leaves[a:b], merkle.nodes_of(hashes))
    return {**written, tiles.CHECKPOINT: note(head, key)}


def log(size: int) -> dict[str, bytes]:
    return files([leaf(index) for index in range(size)])
