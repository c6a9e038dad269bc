"""C2SP checkpoints as signed notes, with cosignatures of version 1.

The keeper signs; here notes are read and verified. Sources: C2SP.org/signed-note, /tlog-checkpoint,
/tlog-cosignature.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from quorate.core.errors import QuorateError

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
LIMIT: Final = 1 << 16
"""Longest note, bytes."""
MAX_SIGNATURES: Final = 100
_DASH: Final = "— "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin, the number of leaves and the Merkle root (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def to_text(self) -> str:
        """The note's text, which is what is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode("ascii"), *self.extensions)
        return "".join(line + "\n" for line in lines)

    @classmethod
    def from_text(cls, text: str) -> "Checkpoint":
        """Raises QuorateError checkpoint_form."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not lines[0] or "" in lines[:-1]:
            raise _form("a checkpoint has origin, size and root, each on a line")
        origin, size, root, *extensions = lines[:-1]
        checkpoint = cls(origin, _size(size), _base64(root), tuple(extensions))
        if len(checkpoint.root) != 32:
            raise _form("the root is not 32 bytes in base64")
        return checkpoint


@dataclass(frozen=True, slots=True)
class Verifier:
    """A named key: `kind` is ED25519 for a log, COSIGNATURE for a witness; `key` has 32 bytes."""

    name: str
    key: bytes
    kind: int = ED25519

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || 0x0A || kind || key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:4]

    def to_text(self) -> str:
        """The verifier key `name+id+base64(kind || key)` that other C2SP tools take."""
        key = base64.b64encode(bytes([self.kind]) + self.key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @classmethod
    def from_text(cls, text: str) -> "Verifier":
        """Raises QuorateError checkpoint_form, also when the id does not belong to name and key."""
        name, _, rest = text.partition("+")
        _, _, key = rest.partition("+")
        content = _base64(key)
        if len(content) != 33 or content[0] not in (ED25519, COSIGNATURE):
            raise _form("this is not a verifier key of Ed25519 or of a cosigner")
        verifier = cls(name, content[1:], content[0])
        if verifier.to_text() != text:
            raise _form("the id does not belong to this name and key")
        return verifier


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line; `content` is what follows the 4-byte key id."""

    name: str
    key_id: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note: text, and signatures by known and unknown keys."""

    text: str
    signatures: tuple[NoteSignature, ...]


def origin(cluster: str, signer: str) -> str:
    """Origin of a signer's log, also the name of its key in the note (docs/spec/log-leaf.md)."""
    return f"quorate/{cluster}/{signer}"


def parse(note: bytes) -> Note:
    """The text up to the last blank line, and the signature lines behind it.

    Raises QuorateError checkpoint_form.
    """
    if len(note) > LIMIT:
        raise _form(f"a note has at most {LIMIT} bytes")
    try:
        content = note.decode("utf-8")
    except UnicodeDecodeError:
        raise _form("the note is not UTF-8") from None
    if any(ord(character) < 0x20 and character != "\n" for character in content):
        raise _form("the note holds control characters")
    text, blank, block = content.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise _form("a note is text, a blank line and signature lines")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _form(f"a note has at most {MAX_SIGNATURES} signatures")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def verify(note: bytes, verifier: Verifier) -> Checkpoint:
    """The checkpoint of a note that this log key signed; signatures by keys not asked about are ignored.

    Raises QuorateError: checkpoint_form, checkpoint_origin (of another log), checkpoint_signature (none by
    this key, or a wrong one).
    """
    parsed = parse(note)
    own = [s for s in parsed.signatures if (s.name, s.key_id) == (verifier.name, verifier.key_id)]
    if not own or not all(_valid(verifier, s.content, parsed.text.encode()) for s in own):
        raise QuorateError(
            "checkpoint_signature",
            f"no valid signature by {verifier.to_text()}",
            "peer",
            "the checkpoint was altered",
        )
    checkpoint = Checkpoint.from_text(parsed.text)
    if checkpoint.origin != verifier.name:
        raise QuorateError("checkpoint_origin", f"this is a checkpoint of {checkpoint.origin}", "peer")
    return checkpoint


def cosigners(note: bytes, witnesses: Sequence[Verifier]) -> dict[str, int]:
    """Witnesses with a valid cosignature, each with its time (Unix seconds).

    Raises QuorateError checkpoint_form.
    """
    parsed = parse(note)
    found: dict[str, int] = {}
    for signature in parsed.signatures:
        for witness in witnesses:
            if (signature.name, signature.key_id) == (witness.name, witness.key_id) and len(
                signature.content
            ) == 72:
                time = int.from_bytes(signature.content[:8], "big")
                message = f"cosignature/v1\ntime {time}\n{parsed.text}".encode()
                if _valid(witness, signature.content[8:], message):
                    found[witness.name] = time
    return found


def _valid(verifier: Verifier, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(verifier.key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signature(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not name or "+" in name or any(c.isspace() for c in name):
        raise _form("a signature line is an em dash, a name and base64")
    content = _base64(encoded)
    if len(content) < 5:
        raise _form("a signature holds a key id of 4 bytes and something more")
    return NoteSignature(name, content[:4], content[4:])


def _base64(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _form("base64 is expected") from None
    if base64.b64encode(content).decode("ascii") != text:
        raise _form("base64 is not in its canonical form")
    return content


def _size(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 19 or str(int(text)) != text:
        raise _form("the size is not a decimal number without leading zeros")
    return int(text)


def _form(message: str) -> QuorateError:
    return QuorateError("checkpoint_form", message, "peer", "see C2SP.org/tlog-checkpoint")
