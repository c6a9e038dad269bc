"""Segwit addresses: bech32 for witness version 0 (BIP173), bech32m for 1 to 16 (BIP350)."""

from collections.abc import Iterable
from typing import Final

from quorate.core.errors import QuorateError

_CHARSET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES: Final = {character: value for value, character in enumerate(_CHARSET)}
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32, _BECH32M = 1, 0x2BC830A3
_LONGEST: Final = 90


def encode(hrp: str, version: int, program: bytes) -> str:
    """Version 0..16 and a program that BIP141 allows."""
    values = [version, *_regroup(program, 8, 5)]
    checksum = _polymod([*_expand(hrp), *values, *[0] * 6]) ^ _constant(version)
    tail = [checksum >> 5 * (5 - place) & 31 for place in range(6)]
    return hrp + "1" + "".join(_CHARSET[value] for value in [*values, *tail])


def decode(hrp: str, text: str) -> tuple[int, bytes]:
    """Version and program of lower-case text with this human-readable part.

    Raises QuorateError bech32: another prefix, a character or length out of range, the checksum of the other
    variant or none, dirty padding, a program that BIP141 does not allow.
    """
    start = hrp + "1"
    if len(text) > _LONGEST or not text.startswith(start) or len(text) < len(start) + 7:
        raise _bad(f"this is no address that begins with {start} and has at most {_LONGEST} characters")
    values = [_VALUES.get(character, -1) for character in text[len(start) :]]
    if -1 in values:
        raise _bad("a character is not in the alphabet (addresses are written in lower case here)")
    version = values[0]
    if version > 16 or _polymod([*_expand(hrp), *values]) != _constant(version):
        raise _bad("the checksum does not hold")
    program = _program(values[1:-6])
    if not 2 <= len(program) <= 40 or (version == 0 and len(program) not in (20, 32)):
        raise _bad(f"version {version} has no programs of {len(program)} bytes")
    return version, program


def _program(values: list[int]) -> bytes:
    spare = len(values) * 5 % 8
    if spare > 4 or (spare and values[-1] & ((1 << spare) - 1)):
        raise _bad("the padding is not empty")
    return bytes(_regroup(values, 5, 8)[: len(values) * 5 // 8])


def _regroup(values: Iterable[int], width: int, wanted: int) -> list[int]:
    """The same bits in groups of another width, the last one filled with zeros."""
    bits = "".join(f"{value:0{width}b}" for value in values)
    groups = [bits[at : at + wanted] for at in range(0, len(bits), wanted)]
    return [int(group.ljust(wanted, "0"), 2) for group in groups]


def _constant(version: int) -> int:
    return _BECH32 if version == 0 else _BECH32M


def _expand(hrp: str) -> list[int]:
    return [*(ord(c) >> 5 for c in hrp), 0, *(ord(c) & 31 for c in hrp)]


def _polymod(values: list[int]) -> int:
    """The BCH code's remainder (BIP173, `bech32_polymod`)."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            check ^= generator if top >> bit & 1 else 0
    return check


def _bad(message: str) -> QuorateError:
    return QuorateError("bech32", message, "caller", "copy the address again, whole")
