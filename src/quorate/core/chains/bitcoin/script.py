"""The scripts that are recognised, and how the script of a key is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from coincurve import PublicKey

from quorate.core.chains.bitcoin.hashes import hash160, sha256, tagged_hash
from quorate.core.chains.bitcoin.networks import P2PKH, P2SH_P2WPKH, P2TR, P2WPKH
from quorate.core.errors import QuorateError

OP_0, OP_1, OP_16, OP_PUSHDATA1 = 0x00, 0x51, 0x60, 0x4C
OP_RETURN, OP_CHECKMULTISIG = 0x6A, 0xAE
MAX_COSIGNERS: Final = 16
"""What OP_1..OP_16 can count."""


@dataclass(frozen=True, slots=True)
class Multisig:
    """m of n keys, in the order of the script."""

    threshold: int
    keys: tuple[bytes, ...]


def p2pkh(key_hash: bytes) -> bytes:
    """OP_DUP OP_HASH160 <20 bytes> OP_EQUALVERIFY OP_CHECKSIG."""
    return b"\x76\xa9\x14" + key_hash + b"\x88\xac"


def p2sh(script_hash: bytes) -> bytes:
    """OP_HASH160 <20 bytes> OP_EQUAL (BIP16)."""
    return b"\xa9\x14" + script_hash + b"\x87"


def witness(version: int, program: bytes) -> bytes:
    """OP_n <2 to 40 bytes> (BIP141)."""
    return bytes([version and OP_1 - 1 + version, len(program)]) + program


def for_key(kind: str, public_key: bytes) -> bytes:
    """The output script of one compressed key. Kinds: the four of `networks.PURPOSES`."""
    if kind == P2TR:
        return witness(1, tap_output(public_key)[1])
    program = hash160(public_key)
    if kind == P2SH_P2WPKH:
        return p2sh(hash160(witness(0, program)))
    return {P2PKH: p2pkh(program), P2WPKH: witness(0, program)}[kind]


def tap_output(public_key: bytes) -> tuple[bytes, bytes]:
    """BIP86: the tweak t = hash_TapTweak(P) of a key without scripts, and x(P + t·G).

    Raises QuorateError public_key (not a point, or a key of probability 2^-128 that has no output key).
    """
    x = public_key[-32:]
    tweak = tagged_hash("TapTweak", x)
    try:
        return tweak, PublicKey(b"\x02" + x).add(tweak).format()[1:]
    except ValueError:
        raise QuorateError("public_key", f"{x.hex()} is no x coordinate of secp256k1") from None


def multisig(threshold: int, keys: Sequence[bytes]) -> bytes:
    """OP_m <33 bytes>... OP_n OP_CHECKMULTISIG, 1 <= m <= n <= 16."""
    pushes = b"".join(b"\x21" + key for key in keys)
    return bytes([OP_1 - 1 + threshold]) + pushes + bytes([OP_1 - 1 + len(keys), OP_CHECKMULTISIG])


def read_multisig(script: bytes) -> Multisig | None:
    """Exactly the form that `multisig` writes, of different keys; None for everything else."""
    count = (len(script) - 3) // 34
    if not 1 <= count <= MAX_COSIGNERS or len(script) != 3 + 34 * count:
        return None
    keys = tuple(script[2 + 34 * place : 35 + 34 * place] for place in range(count))
    threshold = script[0] - OP_1 + 1
    if not 1 <= threshold <= count or multisig(threshold, keys) != script:
        return None
    plain = all(key[0] in (2, 3) for key in keys) and len(set(keys)) == count
    return Multisig(threshold, keys) if plain else None


def is_p2pkh(script: bytes) -> bool:
    return len(script) == 25 and script == p2pkh(script[3:23])


def is_p2sh(script: bytes) -> bool:
    return len(script) == 23 and script == p2sh(script[2:22])


def read_witness(script: bytes) -> tuple[int, bytes] | None:
    """Version and program of a witness output of any version (BIP141)."""
    if not 4 <= len(script) <= 42 or script[1] != len(script) - 2:
        return None
    if script[0] == OP_0:
        return 0, script[2:]
    return (script[0] - OP_1 + 1, script[2:]) if OP_1 <= script[0] <= OP_16 else None


def is_p2wpkh(script: bytes) -> bool:
    return len(script) == 22 and script[:2] == b"\x00\x14"


def is_p2wsh(script: bytes) -> bool:
    return len(script) == 34 and script[:2] == b"\x00\x20"


def is_p2tr(script: bytes) -> bool:
    return len(script) == 34 and script[:2] == b"\x51\x20"


def p2wsh(witness_script: bytes) -> bytes:
    return witness(0, sha256(witness_script))


def read_data(script: bytes) -> bytes | None:
    """What an OP_RETURN output carries: nothing, or one push of up to 255 bytes. None for all else."""
    if script == bytes([OP_RETURN]):
        return b""
    if len(script) < 2 or script[0] != OP_RETURN:
        return None
    if script[1] < OP_PUSHDATA1:
        start, size = 2, script[1]
    elif script[1] == OP_PUSHDATA1 and len(script) > 2:
        start, size = 3, script[2]
    else:
        return None
    return script[start:] if len(script) == start + size else None
