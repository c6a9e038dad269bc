"""Signature + unsigned EIP-1559 transaction -> the bytes to broadcast."""

from typing import Final

import rlp  # type: ignore[import-untyped]
from coincurve import PublicKey
from eth_hash.auto import keccak

from quorate.core.chains.evm import address
from quorate.core.chains.evm.decode import DYNAMIC_FEE, decode
from quorate.core.chains.evm.digest import digest
from quorate.core.errors import QuorateError

ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""n of secp256k1 (SEC 2)."""


def attach(data: bytes, r_s: bytes, recovery_id: int, *, sender: str) -> tuple[bytes, bytes]:
    """The signed transaction and its hash.

    `r_s` is r || s, 32 bytes each; `recovery_id` becomes the y-parity.

    Raises QuorateError signature (whose `peer`) unless s is low (EIP-2), the recovery id is 0 or 1, and the
    signature over exactly these bytes recovers to `sender` (EIP-55 text); malformed_transaction for bytes
    that are not an unsigned EIP-1559 transaction.
    """
    if decode(data).kind != DYNAMIC_FEE:
        raise QuorateError("malformed_transaction", "only EIP-1559 transactions are built here", "bug")
    r, s = _scalars(r_s)
    if recovery_id not in (0, 1):
        raise _bad(f"recovery id {recovery_id} has no place in a transaction")
    if _recover(data, r_s, recovery_id) != sender:
        raise _bad(f"the signature is not by {sender}")
    fields = rlp.decode(data[1:])
    raw = data[:1] + bytes(rlp.encode([*fields, recovery_id, r, s]))
    return raw, keccak(raw)


def _scalars(r_s: bytes) -> tuple[int, int]:
    if len(r_s) != 64:
        raise _bad(f"r || s has 64 bytes, this {len(r_s)}")
    r, s = int.from_bytes(r_s[:32], "big"), int.from_bytes(r_s[32:], "big")
    if not 0 < r < ORDER or not 0 < s <= ORDER // 2:
        raise _bad("r or s is out of range, or s is high")
    return r, s


def _recover(data: bytes, r_s: bytes, recovery_id: int) -> str:
    try:
        key = PublicKey.from_signature_and_message(r_s + bytes([recovery_id]), digest(data), hasher=None)
    except ValueError as error:
        raise _bad(f"no key recovers from the signature: {error}") from None
    return address.from_public_key(key.format())


def _bad(message: str) -> QuorateError:
    return QuorateError("signature", message, "peer", "the session that made it is void; sign again")
