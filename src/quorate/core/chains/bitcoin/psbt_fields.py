"""Which fields the maps of a PSBT may hold, and the form of each (BIP174, 370, 371).

A field that is in no table is unknown: it is kept and has no effect, as BIP174 says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.bitcoin.reader import Reader
from quorate.core.errors import QuorateError

MALFORMED: Final = "malformed_psbt"

UNSIGNED_TX, XPUB, VERSION = 0x00, 0x01, 0xFB
PREVIOUS_TX, WITNESS_UTXO, SIGHASH = 0x00, 0x01, 0x03
REDEEM_SCRIPT, WITNESS_SCRIPT, DERIVATION = 0x04, 0x05, 0x06
TAP_DERIVATION, TAP_MERKLE_ROOT = 0x16, 0x18
OUT_DERIVATION, OUT_TAP_DERIVATION = 0x02, 0x07

Form = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Field:
    """A field's name in the BIPs, and what its key data and its value look like."""

    name: str
    key: Form
    value: Form


def none(data: bytes) -> bool:
    return not data


def anything(data: bytes) -> bool:
    return True


def length(*lengths: int) -> Form:
    return lambda data: len(data) in lengths


def _public_key(data: bytes) -> bool:
    return (len(data), data[:1]) in ((33, b"\x02"), (33, b"\x03"), (65, b"\x04"))


def _signature(data: bytes) -> bool:
    """DER and a sighash byte. Signatures that others made have no effect here; only their size is bounded."""
    return 9 <= len(data) <= 73


def _origin(data: bytes) -> bool:
    """Fingerprint, then indexes: 4 bytes each."""
    return len(data) >= 4 and len(data) % 4 == 0


def _tap_origin(data: bytes) -> bool:
    """Leaf hashes behind their count, then an origin."""
    try:
        return _origin(tap_origin(data))
    except QuorateError:
        return False


def tap_origin(data: bytes) -> bytes:
    """The origin behind the leaf hashes of a taproot derivation. Raises QuorateError malformed_psbt."""
    r = Reader(data, MALFORMED)
    r.take(32 * r.count(32))
    return data[r.at :]


def _control_block(data: bytes) -> bool:
    """Leaf version and parity, internal key, and a path of at most 128 hashes (BIP341)."""
    return 33 <= len(data) <= 33 + 32 * 128 and len(data) % 32 == 1


GLOBAL: Final[Mapping[int, Field]] = {
    UNSIGNED_TX: Field("PSBT_GLOBAL_UNSIGNED_TX", none, anything),
    XPUB: Field("PSBT_GLOBAL_XPUB", length(78), _origin),
    VERSION: Field("PSBT_GLOBAL_VERSION", none, length(4)),
}
INPUT: Final[Mapping[int, Field]] = {
    PREVIOUS_TX: Field("PSBT_IN_NON_WITNESS_UTXO", none, anything),
    WITNESS_UTXO: Field("PSBT_IN_WITNESS_UTXO", none, anything),
    0x02: Field("PSBT_IN_PARTIAL_SIG", _public_key, _signature),
    SIGHASH: Field("PSBT_IN_SIGHASH_TYPE", none, length(4)),
    REDEEM_SCRIPT: Field("PSBT_IN_REDEEM_SCRIPT", none, anything),
    WITNESS_SCRIPT: Field("PSBT_IN_WITNESS_SCRIPT", none, anything),
    DERIVATION: Field("PSBT_IN_BIP32_DERIVATION", _public_key, _origin),
    0x07: Field("PSBT_IN_FINAL_SCRIPTSIG", none, anything),
    0x08: Field("PSBT_IN_FINAL_SCRIPTWITNESS", none, anything),
    0x09: Field("PSBT_IN_POR_COMMITMENT", none, anything),
    0x0A: Field("PSBT_IN_RIPEMD160", length(20), anything),
    0x0B: Field("PSBT_IN_SHA256", length(32), anything),
    0x0C: Field("PSBT_IN_HASH160", length(20), anything),
    0x0D: Field("PSBT_IN_HASH256", length(32), anything),
    0x13: Field("PSBT_IN_TAP_KEY_SIG", none, length(64, 65)),
    0x14: Field("PSBT_IN_TAP_SCRIPT_SIG", length(64), length(64, 65)),
    0x15: Field("PSBT_IN_TAP_LEAF_SCRIPT", _control_block, bool),
    TAP_DERIVATION: Field("PSBT_IN_TAP_BIP32_DERIVATION", length(32), _tap_origin),
    0x17: Field("PSBT_IN_TAP_INTERNAL_KEY", none, length(32)),
    TAP_MERKLE_ROOT: Field("PSBT_IN_TAP_MERKLE_ROOT", none, length(32)),
}
OUTPUT: Final[Mapping[int, Field]] = {
    0x00: Field("PSBT_OUT_REDEEM_SCRIPT", none, anything),
    0x01: Field("PSBT_OUT_WITNESS_SCRIPT", none, anything),
    OUT_DERIVATION: Field("PSBT_OUT_BIP32_DERIVATION", _public_key, _origin),
    0x05: Field("PSBT_OUT_TAP_INTERNAL_KEY", none, length(32)),
    0x06: Field("PSBT_OUT_TAP_TREE", none, bool),
    OUT_TAP_DERIVATION: Field("PSBT_OUT_TAP_BIP32_DERIVATION", length(32), _tap_origin),
}
VERSION_2_ONLY: Final[Mapping[str, frozenset[int]]] = {
    "global": frozenset({0x02, 0x03, 0x04, 0x05, 0x06}),
    "input": frozenset({0x0E, 0x0F, 0x10, 0x11, 0x12}),
    "output": frozenset({0x03, 0x04}),
}
"""Fields that BIP370 allows in version 2 alone: a PSBT that has one is no version 0."""
TABLES: Final[Mapping[str, Mapping[int, Field]]] = {"global": GLOBAL, "input": INPUT, "output": OUTPUT}
