"""EIP-7702: authorizations by which an account runs the code of another, signed and to be signed."""

from dataclasses import dataclass
from typing import Final

from coincurve import PublicKey
from eth_hash.auto import keccak

from quorate.core.chains.effects import Effect, blind, effect
from quorate.core.chains.evm import address
from quorate.core.chains.evm.call import ZERO
from quorate.core.chains.evm.rlp_reader import Rlp, as_bytes, as_integer, as_list, malformed, read
from quorate.core.chains.evm.rlp_scalar import scalar, short_list

MAGIC: Final = b"\x05"
MAX_AUTHORIZATIONS: Final = 1024
"""Each costs 25,000 gas, so that no block has room for more."""
NO_AUTHORITY: Final = "authorization_without_authority"
_HALF_ORDER: Final = 0x7FFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_5D576E73_57A4501D_DFE92F46_681B20A0


@dataclass(frozen=True, slots=True)
class Authorization:
    """`chain_id` 0 is valid on every chain. `authority` is who signed; None when no key recovers."""

    chain_id: int
    delegate: str
    nonce: int
    authority: str | None


def read_list(value: Rlp) -> tuple[Authorization, ...]:
    """The authorization list of a type 4 transaction. Raises QuorateError malformed_transaction."""
    entries = as_list(value, "authorization list")
    if not 1 <= len(entries) <= MAX_AUTHORIZATIONS:
        raise malformed(f"1 to {MAX_AUTHORIZATIONS} authorizations are expected")
    return tuple(_signed(entry) for entry in entries)


def read_unsigned(data: bytes, authority: str | None) -> Authorization:
    """0x05 || rlp([chain id, address, nonce]), as it is signed. `authority` is who will sign.

    Raises QuorateError: trailing_bytes, malformed_transaction.
    """
    if data[:1] != MAGIC:
        raise malformed("an authorization begins with 0x05")
    return _authorization(as_list(read(data[1:]), "authorization", 3), authority)


def delegation(authorization: Authorization) -> Effect:
    """What a signature lets the account become; `authority` is None where nobody said who will sign."""
    authority = authorization.authority
    made = effect(
        "delegation_7702",
        authority=authority or "",
        delegate=authorization.delegate,
        chain_id=str(authorization.chain_id),
        nonce=str(authorization.nonce),
        any_chain=True if authorization.chain_id == 0 else None,
        revokes=True if authorization.delegate == ZERO else None,
    )
    return made if authority else made | {"authority": None}


def signed_delegation(authorization: Authorization) -> Effect:
    """The same of a signed one. Nodes skip what no key recovers from, but nothing honest contains it."""
    if authorization.authority is None:
        return blind(NO_AUTHORITY, delegate=authorization.delegate)
    return delegation(authorization)


def _signed(entry: Rlp) -> Authorization:
    """[chain id, address, nonce, y parity, r, s]."""
    fields = as_list(entry, "authorization", 6)
    parity = as_integer(fields[3], "y parity", 8)
    r, s = as_integer(fields[4], "r", 256), as_integer(fields[5], "s", 256)
    return _authorization(fields[:3], None, (parity, r, s))


def _authorization(
    fields: list[Rlp], authority: str | None, signature: tuple[int, int, int] | None = None
) -> Authorization:
    chain_id = as_integer(fields[0], "chain id", 256)
    delegate = as_bytes(fields[1], "delegate", 20)
    nonce = as_integer(fields[2], "nonce", 64)
    if nonce == (1 << 64) - 1:
        raise malformed("nonce is not below 2^64 - 1")
    if signature is not None:
        authority = _recover(_message(chain_id, delegate, nonce), *signature)
    return Authorization(chain_id, address.from_bytes(delegate), nonce, authority)


def _message(chain_id: int, delegate: bytes, nonce: int) -> bytes:
    """What was signed, encoded anew from the fields of a signed authorization."""
    return MAGIC + short_list(scalar(chain_id), b"\x94" + delegate, scalar(nonce))


def _recover(message: bytes, parity: int, r: int, s: int) -> str | None:
    """EIP-7702 takes y parity 0 or 1 and s of at most half the group order (EIP-2)."""
    if parity > 1 or s > _HALF_ORDER:
        return None
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([parity])
    try:
        key = PublicKey.from_signature_and_message(signature, keccak(message), hasher=None)
    except ValueError:
        return None
    return address.from_public_key(key.format())
