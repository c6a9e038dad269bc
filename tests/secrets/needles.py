"""The secrets of a signer, opened from its judge's database with its passphrase: a second implementation of
the seal and of the sealed blobs (crates/quorate-keeper/src/seal, blobs.rs). The keeper itself has no way to
give them out, and needs none.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as xchacha
from nacl.exceptions import CryptoError

from quorate.core.model.canonical import Reader, labelled, lp
from quorate.core.model.charter import Charter, load_chain, verify_chain

_NONCE: Final = 24
_WRAPPED: Final = _NONCE + 32 + 16
"""Bytes of a wrapped key: nonce, key, tag."""
_POINT: Final = {1: 33, 2: 32}
"""Bytes of a point, by the curve code of a share."""
_GADGET: Final = 416 * 33
"""Bytes at the start of a multiplication state that hold the gadget vector, which is public."""
_PIECE, _STRIDE = 32, 512
"""Of the seeds that follow it, a piece of each stride is looked for."""


@dataclass(frozen=True, slots=True)
class Needle:
    """`scalar`: a number, so that number-like forms are looked for too."""

    name: str
    value: bytes = field(repr=False)
    scalar: bool = False


def of_signer(folder: Path, signer: str, passphrase: str) -> list[Needle]:
    """Everything that must not leave this signer's keeper."""
    blobs, documents = _on_file(folder)
    root = _unwrap(blobs["seal"], signer, passphrase)
    found = [Needle("passphrase", passphrase.encode()), Needle("root key", root)]
    identity = _open(root, _context(signer, "identity"), blobs["identity"])
    for place, name in enumerate(("vote key", "log key", "envelope key")):
        found.append(Needle(name, identity[1 + 32 * place :][:32], scalar=True))
    if documents:
        charter = verify_chain(load_chain(documents[0]))[0]
        state = _open(root, _context(signer, "state"), blobs["state"])
        for name in (name for name in blobs if name.startswith("key/")):
            found += _shares(name, signer, root, state, charter, blobs[name])
    return [Needle(f"{signer}: {needle.name}", needle.value, needle.scalar) for needle in found]


def _on_file(folder: Path) -> tuple[dict[str, bytes], list[bytes]]:
    """Blobs and charters, from a copy: the judge has its database to itself. Nothing may write meanwhile."""
    with tempfile.TemporaryDirectory() as copy:
        for path in folder.glob("judge.sqlite*"):
            shutil.copyfile(path, Path(copy, path.name))
        with closing(sqlite3.connect(Path(copy, "judge.sqlite"))) as database:
            blobs = dict(database.execute("SELECT name, content FROM blobs"))
            charters = database.execute("SELECT document FROM charters ORDER BY version").fetchall()
    return blobs, [document for (document,) in charters]


def _unwrap(blob: bytes, signer: str, passphrase: str) -> bytes:
    """The root key."""
    reader = Reader(blob)
    assert reader.u8() == 1
    kind, parameters = reader.lp(), reader.lp()
    assert kind == b"passphrase"
    header = b"\1" + lp(kind) + lp(parameters)
    costs = Reader(parameters)
    memory, passes, lanes, salt = costs.u32(), costs.u32(), costs.u32(), costs.take(16)
    argon = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
    key = argon.derive(passphrase.encode())
    return _decrypt(
        key, labelled("quorate/seal-blob/v1", lp(signer.encode()) + lp(header)), blob[len(header) :]
    )


def _shares(
    name: str, signer: str, root: bytes, state: bytes, charter: Charter, blob: bytes
) -> Iterator[Needle]:
    """The wrapping key of a share, found in the state by what it opens, then the share itself."""
    context = _context(signer, name, charter)
    wrapping = next(_wrapped(root, context, state))
    yield Needle(f"{name}: wrapping key", wrapping)
    reader = Reader(_open(wrapping, context, blob))
    assert reader.u8() == 1
    point = _POINT[reader.u8()]
    reader.u8()
    count = reader.u8()
    reader.take(count + 1)
    reader.take(point + 32 + count * point)
    yield Needle(f"{name}: share", reader.take(32), scalar=True)
    if point == 32:
        return reader.end()
    reader.take(32)
    for peer in range(count - 1):
        yield Needle(f"{name}: zero-share seed {peer}", reader.take(32))
        for half in ("sender", "receiver"):
            yield from _pieces(f"{name}: {half} {peer}", reader.lp())
    reader.end()


def _wrapped(root: bytes, context: bytes, state: bytes) -> Iterator[bytes]:
    """The keys in the state that open under `context`."""
    mark, at = _WRAPPED.to_bytes(4, "big"), 0
    while (at := state.find(mark, at) + 1) > 0:
        try:
            yield _open(root, context, state[at + 3 :][:_WRAPPED])
        except CryptoError:
            continue


def _pieces(name: str, state: bytes) -> Iterator[Needle]:
    for at in range(_GADGET, len(state) - _PIECE, _STRIDE):
        piece = state[at : at + _PIECE]
        if len(set(piece)) > _PIECE // 2:
            yield Needle(f"{name}, byte {at}", piece)


def _context(signer: str, name: str, charter: Charter | None = None) -> bytes:
    body = lp(signer.encode()) + lp(name.encode())
    if charter is not None:
        body += lp(charter.cluster.encode()) + charter.hash
    return labelled("quorate/blob/v1", body)


def _open(parent: bytes, context: bytes, blob: bytes) -> bytes:
    """Raises CryptoError."""
    return _decrypt(HKDF(hashes.SHA256(), 32, salt=None, info=context).derive(parent), context, blob)


def _decrypt(key: bytes, aad: bytes, blob: bytes) -> bytes:
    return bytes(xchacha(blob[_NONCE:], aad, blob[:_NONCE], key))
