"""Unsigned EVM transaction -> what it does.

Strict: one encoding, every field in range, every byte accounted for. Types: legacy in its EIP-155 form, 2930,
1559. Effects: the transfer of native coin and the ERC-20 call `transfer(address,uint256)`. Everything else
that is well formed is `blind`, with a stable reason: it has no effects that a policy could judge, and is
refused.
"""

from dataclasses import dataclass
from typing import Final

from quorate.core.chains.evm import address
from quorate.core.chains.evm.rlp_reader import Rlp, as_bytes, as_integer, as_list, malformed, read
from quorate.core.model.intent import Effect

LEGACY, ACCESS_LIST, DYNAMIC_FEE = 0, 1, 2
TRANSFER_SELECTOR: Final = bytes.fromhex("a9059cbb")
"""keccak256("transfer(address,uint256)")[0:4], ERC-20."""

CONTRACT_CREATION: Final = "contract_creation"
ACCESS_LIST_PRESENT: Final = "access_list"
VALUE_WITH_CALL: Final = "value_with_call"
UNKNOWN_CALL: Final = "unknown_call"
NOT_ABI: Final = "not_abi"


@dataclass(frozen=True, slots=True)
class EvmTransaction:
    """The fields as signed, amounts in wei; `to` is None for contract creation.

    `fee` is the most that can be paid: gas limit x highest price per gas. `effects` is empty when `blind`,
    and `reason` says why; otherwise it is all that the transaction does besides paying the fee.
    """

    chain_id: int
    nonce: int
    max_priority: int
    max_fee: int
    gas: int
    to: str | None
    value: int
    data: bytes
    effects: tuple[Effect, ...]
    fee: int
    blind: bool
    reason: str
    kind: int


def decode(data: bytes) -> EvmTransaction:
    """What the bytes are and do.

    Raises QuorateError: trailing_bytes; malformed_transaction (not canonical, a field out of range, or of
    another type).
    """
    if not data:
        raise malformed("no bytes")
    if data[0] >= 0xC0:
        return _legacy(as_list(read(data), "transaction", 9))
    if data[0] == ACCESS_LIST:
        return _access_list(as_list(read(data[1:]), "transaction", 8))
    if data[0] == DYNAMIC_FEE:
        return _dynamic_fee(as_list(read(data[1:]), "transaction", 9))
    raise malformed(f"transaction type {data[0]} is not one of 0 (EIP-155), 1 (EIP-2930), 2 (EIP-1559)")


def _legacy(fields: list[Rlp]) -> EvmTransaction:
    """EIP-155: nonce, gas price, gas limit, to, value, data, chain id, 0, 0."""
    nonce, price, gas, to, value, data, chain_id, zero_r, zero_s = fields
    if (zero_r, zero_s) != (b"", b""):
        raise malformed("the signature fields of an unsigned transaction are empty")
    amount = as_integer(price, "gas price", 256)
    return _transaction(LEGACY, chain_id, nonce, amount, amount, gas, to, value, data, [])


def _access_list(fields: list[Rlp]) -> EvmTransaction:
    """EIP-2930: chain id, nonce, gas price, gas limit, to, value, data, access list."""
    chain_id, nonce, price, gas, to, value, data, accesses = fields
    amount = as_integer(price, "gas price", 256)
    return _transaction(ACCESS_LIST, chain_id, nonce, amount, amount, gas, to, value, data, accesses)


def _dynamic_fee(fields: list[Rlp]) -> EvmTransaction:
    """EIP-1559: chain id, nonce, priority fee, highest fee, gas limit, to, value, data, access list."""
    chain_id, nonce, priority, highest, gas, to, value, data, accesses = fields
    max_priority = as_integer(priority, "max priority fee", 256)
    max_fee = as_integer(highest, "max fee", 256)
    if max_priority > max_fee:
        raise malformed("the priority fee exceeds the highest fee (EIP-1559)")
    return _transaction(DYNAMIC_FEE, chain_id, nonce, max_priority, max_fee, gas, to, value, data, accesses)


def _transaction(
    kind: int,
    chain_id: Rlp,
    nonce: Rlp,
    max_priority: int,
    max_fee: int,
    gas: Rlp,
    to: Rlp,
    value: Rlp,
    data: Rlp,
    accesses: Rlp,
) -> EvmTransaction:
    recipient = as_bytes(to, "to", 0, 20)
    target = address.from_bytes(recipient) if recipient else None
    amount = as_integer(value, "value", 256)
    call = as_bytes(data, "data")
    effect = None
    if _accesses(accesses):
        reason = ACCESS_LIST_PRESENT
    elif target is None:
        reason = CONTRACT_CREATION
    else:
        effect, reason = _effect(target, amount, call)
    limit = as_integer(gas, "gas limit", 64)
    return EvmTransaction(
        chain_id=_chain_id(chain_id),
        nonce=_nonce(nonce),
        max_priority=max_priority,
        max_fee=max_fee,
        gas=limit,
        to=target,
        value=amount,
        data=call,
        effects=() if effect is None else (effect,),
        fee=limit * max_fee,
        blind=effect is None,
        reason=reason,
        kind=kind,
    )


def _effect(to: str, value: int, data: bytes) -> tuple[Effect | None, str]:
    """The one effect of a call, or the reason why it is blind."""
    if not data:
        return Effect("native_transfer", to, value), ""
    if data[:4] != TRANSFER_SELECTOR:
        return None, UNKNOWN_CALL
    if value:
        return None, VALUE_WITH_CALL
    recipient, amount = data[16:36], int.from_bytes(data[36:68], "big")
    if data != TRANSFER_SELECTOR + bytes(12) + recipient + amount.to_bytes(32, "big"):
        return (
            None,
            NOT_ABI,
        )  # a dirty address word, missing or trailing bytes: contracts disagree on what these mean
    return Effect("token_transfer", address.from_bytes(recipient), amount, to), ""


def _accesses(value: Rlp) -> list[Rlp]:
    """Form of an access list (EIP-2930): [[20-byte address, [32-byte storage key, ...]], ...]."""
    entries = as_list(value, "access list")
    for entry in entries:
        holder, keys = as_list(entry, "access list entry", 2)
        as_bytes(holder, "access list address", 20)
        for key in as_list(keys, "storage keys"):
            as_bytes(key, "storage key", 32)
    return entries


def _chain_id(value: Rlp) -> int:
    chain_id = as_integer(value, "chain id", 256)
    if chain_id == 0:
        raise malformed("chain id 0 would be valid on every chain")
    return chain_id


def _nonce(value: Rlp) -> int:
    """EIP-2681: below 2^64 - 1."""
    nonce = as_integer(value, "nonce", 64)
    if nonce == (1 << 64) - 1:
        raise malformed("nonce is not below 2^64 - 1")
    return nonce
