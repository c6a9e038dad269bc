"""What an output of ours is made of, as the builder needs it: scripts, key origins, the weight of an input.

Part of the builder: it makes scripts by itself and shares none of the decoder's code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from coincurve import PublicKey

from quorate.core.chains import hd
from quorate.core.chains.bitcoin.hashes import hash160, sha256, tagged_hash
from quorate.core.chains.bitcoin.networks import P2PKH, P2SH_P2WPKH, P2TR, P2WPKH, P2WSH, PURPOSES
from quorate.core.errors import QuorateError

_KINDS: Final = {purpose: kind for kind, purpose in PURPOSES.items()}
_SIGNATURE: Final = 73
"""Length byte, DER with a low s, hash type: the longest."""


@dataclass(frozen=True, slots=True)
class KeyOrigin:
    """A compressed public key, and where it lies below the master key of this fingerprint."""

    fingerprint: bytes
    path: tuple[int, ...]
    public_key: bytes


@dataclass(frozen=True, slots=True)
class Holding:
    """The keys behind one output. More than one key and a threshold only for p2wsh (sorted, BIP67)."""

    kind: str
    keys: tuple[KeyOrigin, ...]
    threshold: int = 1

    @property
    def script(self) -> bytes:
        """The output script."""
        if self.kind == P2WSH:
            return b"\x00\x20" + sha256(self.witness_script or b"")
        if self.kind == P2TR:
            return b"\x51\x20" + _output_key(self._key)
        if self.kind == P2SH_P2WPKH:
            return b"\xa9\x14" + hash160(self.redeem_script or b"") + b"\x87"
        program = hash160(self._key)
        return b"\x00\x14" + program if self.kind == P2WPKH else b"\x76\xa9\x14" + program + b"\x88\xac"

    @property
    def redeem_script(self) -> bytes | None:
        return b"\x00\x14" + hash160(self._key) if self.kind == P2SH_P2WPKH else None

    @property
    def witness_script(self) -> bytes | None:
        if self.kind != P2WSH:
            return None
        keys = sorted(key.public_key for key in self.keys)
        return b"%c%b%c\xae" % (0x50 + self.threshold, b"".join(b"\x21" + k for k in keys), 0x50 + len(keys))

    @property
    def segwit(self) -> bool:
        return self.kind != P2PKH

    @property
    def input_weight(self) -> int:
        """Of one signed input with the longest signatures; a zero count where there is no witness."""
        outside = 4 * 41
        if self.kind == P2TR:
            return outside + 1 + 65
        if self.kind == P2WSH:
            size = len(self.witness_script or b"")
            return outside + 1 + 1 + self.threshold * _SIGNATURE + size + (1 if size < 0xFD else 3)
        signed = _SIGNATURE + 34
        if self.kind == P2PKH:
            return outside + 4 * signed + 1
        return outside + 1 + signed + (4 * 23 if self.kind == P2SH_P2WPKH else 0)

    @property
    def _key(self) -> bytes:
        return self.keys[0].public_key


def below_root(public_key: bytes, chain_code: bytes, path: Sequence[int]) -> Holding:
    """The holding of one key below the root of a certificate; the purpose says its kind.

    Raises QuorateError: public_key, chain_code, hardened_index, path_scheme (no purpose of Bitcoin).
    """
    kind = _KINDS.get(path[0]) if path else None
    if kind is None:
        raise QuorateError(
            "path_scheme", f"no coins lie at {'/'.join(map(str, path))}", "bug", "44, 49, 84 or 86 first"
        )
    key = hd.derive("secp256k1", public_key, chain_code, path)
    return Holding(kind, (KeyOrigin(hash160(public_key)[:4], tuple(path), key),))


def _output_key(public_key: bytes) -> bytes:
    """BIP86: x of the key lifted to an even y, plus its own TapTweak times the generator."""
    even = PublicKey(b"\x02" + public_key[1:])
    return even.add(tagged_hash("TapTweak", public_key[1:])).format()[1:]
