"""Solana addresses: 32 bytes, written in base58 without a checksum.

An address is an Ed25519 public key (on the curve) or derived from a program (off the curve, so that no key
signs for it). Sources: `Pubkey::create_program_address`, `find_program_address` and `create_with_seed` of the
Solana SDK, and the Associated Token Account program.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from nacl.bindings import crypto_core_ed25519_is_valid_point

from quorate.core.chains import base58
from quorate.core.chains.solana.programs.ids import ASSOCIATED_TOKEN
from quorate.core.errors import QuorateError

PRIME: Final = 2**255 - 19
"""p of RFC 8032, section 5.1."""
D: Final = -121665 * pow(121666, -1, PRIME) % PRIME
"""d of the curve equation -x^2 + y^2 = 1 + d x^2 y^2."""

MAX_SEED: Final = 32
MAX_SEEDS: Final = 16
_MARKER: Final = b"ProgramDerivedAddress"


def from_public_key(public_key: bytes) -> str:
    """Address of an Ed25519 public key (32 bytes). Raises QuorateError public_key: no point of the curve."""
    if len(public_key) != 32 or not is_on_curve(public_key):
        raise QuorateError("public_key", f"{public_key.hex()} is not a public key of ed25519")
    return base58.encode(public_key)


def parse(text: str) -> bytes:
    """The 32 bytes of an address, on the curve or off it. Raises QuorateError address."""
    try:
        key = base58.decode(text)
    except QuorateError:
        key = b""
    if len(key) != 32:
        raise QuorateError("address", f"{text[:64]!r} is not base58 of 32 bytes")
    return key


def account(text: str) -> str:
    """The one text of an address, on the curve or off it. Raises QuorateError address."""
    return base58.encode(parse(text))


def wallet(text: str) -> str:
    """The text of an address for which somebody can hold a key. Raises QuorateError address.

    Stricter than the runtime's `is_on_curve`: a point with a part of small order is nobody's key. The System
    program's own address, 32 zero bytes, is such a point; what is sent there is lost.
    """
    key = parse(text)
    if not crypto_core_ed25519_is_valid_point(key):
        raise QuorateError("address", f"{text} is no wallet: no key signs for it")
    return base58.encode(key)


def is_on_curve(key: bytes) -> bool:
    """Whether 32 bytes decompress to a point, as the runtime asks before it calls an address program-derived.

    Not the check of a key to sign with: like the runtime, it takes y that is not reduced and points of small
    order.
    """
    y = (int.from_bytes(key, "little") & ((1 << 255) - 1)) % PRIME
    numerator, denominator = (y * y - 1) % PRIME, (D * y * y + 1) % PRIME
    # x^2 = numerator / denominator is a square iff the product is; Euler's criterion, and 0 is a square
    return pow(numerator * denominator, (PRIME - 1) // 2, PRIME) in (0, 1)


def program_address(seeds: Sequence[bytes], program: str) -> tuple[str, int]:
    """`find_program_address`: the first address off the curve, and its bump, from 255 downwards.

    Raises QuorateError seeds: more than 15 seeds, or one of more than 32 bytes.
    """
    if len(seeds) >= MAX_SEEDS or any(len(seed) > MAX_SEED for seed in seeds):
        raise QuorateError("seeds", f"at most {MAX_SEEDS - 1} seeds of at most {MAX_SEED} bytes are expected")
    head, tail = b"".join(seeds), parse(program) + _MARKER
    for bump in range(255, -1, -1):
        candidate = sha256(head + bytes([bump]) + tail).digest()
        if not is_on_curve(candidate):
            return base58.encode(candidate), bump
    raise QuorateError("seeds", "no bump leads off the curve")  # probability 2^-256


def associated_token(owner: str, mint: str, token_program: str) -> str:
    """The token account that wallets expect of an owner for a mint: seeds owner, token program, mint."""
    seeds = (parse(owner), parse(token_program), parse(mint))
    return program_address(seeds, ASSOCIATED_TOKEN)[0]


def with_seed(base: str, seed: str, program: str) -> str:
    """`create_with_seed`: sha256(base || seed || program); `base` signs for it. Raises QuorateError seeds."""
    text = seed.encode()
    if len(text) > MAX_SEED:
        raise QuorateError("seeds", f"a seed has at most {MAX_SEED} bytes, this one {len(text)}")
    return base58.encode(sha256(parse(base) + text + parse(program)).digest())
