"""Unsigned EVM transaction -> whether it is a plain transfer, as the judge compares it with an intent.

The strictest of readings: the transfer of native coin and the ERC-20 call `transfer(address,uint256)`.
Everything else that is well formed is `blind` here, with a stable reason. What other transactions do is read
by `item`.
"""

from dataclasses import dataclass
from typing import Final

from quorate.core.chains.evm import address
from quorate.core.chains.evm.transaction import (
    ACCESS_LIST,
    BLOB,
    DYNAMIC_FEE,
    LEGACY,
    SET_CODE,
    Transaction,
    read_transaction,
)
from quorate.core.model.intent import Effect

__all__ = ["ACCESS_LIST", "BLOB", "DYNAMIC_FEE", "LEGACY", "SET_CODE", "EvmTransaction", "decode"]

TRANSFER_SELECTOR: Final = bytes.fromhex("a9059cbb")
"""keccak256("transfer(address,uint256)")[0:4], ERC-20."""

CONTRACT_CREATION: Final = "contract_creation"
ACCESS_LIST_PRESENT: Final = "access_list"
BLOBS: Final = "blobs"
AUTHORIZATIONS: Final = "authorization_list"
VALUE_WITH_CALL: Final = "value_with_call"
UNKNOWN_CALL: Final = "unknown_call"
NOT_ABI: Final = "not_abi"
NOT_ONE_CALL: Final = (CONTRACT_CREATION, ACCESS_LIST_PRESENT, BLOBS, AUTHORIZATIONS)


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
    is_bare: bool
    """Whether it carries nothing beside its one call: no creation, access list, blobs or authorizations."""


def decode(data: bytes) -> EvmTransaction:
    """What the bytes are and whether they are a plain transfer.

    Raises QuorateError: too_large; trailing_bytes; malformed_transaction (not canonical, a field out of
    range, or of another type).
    """
    read = read_transaction(data)
    effect, reason = _plain_transfer(read)
    return EvmTransaction(
        chain_id=read.chain_id,
        nonce=read.nonce,
        max_priority=read.max_priority,
        max_fee=read.max_fee,
        gas=read.gas,
        to=read.to,
        value=read.value,
        data=read.data,
        effects=() if effect is None else (effect,),
        fee=read.fee,
        blind=effect is None,
        reason=reason,
        kind=read.kind,
        is_bare=reason not in NOT_ONE_CALL,
    )


def _plain_transfer(transaction: Transaction) -> tuple[Effect | None, str]:
    """The one effect, or the reason why there is none that could be compared."""
    if transaction.blob_hashes:
        return None, BLOBS
    if transaction.authorizations:
        return None, AUTHORIZATIONS
    if transaction.accesses:
        return None, ACCESS_LIST_PRESENT
    if transaction.to is None:
        return None, CONTRACT_CREATION
    return _effect(transaction.to, transaction.value, transaction.data)


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
        # A dirty address word, missing or trailing bytes: contracts disagree on what these mean.
        return None, NOT_ABI
    return Effect("token_transfer", address.from_bytes(recipient), amount, to), ""
