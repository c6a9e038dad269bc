"""A transaction without recipient creates a contract: its code may do anything, now and later."""

from collections.abc import Iterator
from typing import Final

from eth_hash.auto import keccak

from quorate.core.chains.effects import Effect, blind, effect
from quorate.core.chains.evm import address
from quorate.core.chains.evm.rlp_scalar import scalar, short_list

REASON: Final = "contract_creation"


def effects(sender: str | None, nonce: int, value: int, code: bytes) -> Iterator[Effect]:
    """`sender` is None where it is not known; then the new address is not either."""
    contract = None if sender is None else created(sender, nonce)
    if value and contract is not None:
        yield effect("native_transfer", asset="native", from_=sender, to=contract, amount=str(value))
    yield blind(
        REASON, contract=contract, value=str(value), code_size=len(code), code_hash="0x" + keccak(code).hex()
    )


def created(sender: str, nonce: int) -> str:
    """The address of the contract that this transaction creates: keccak256(rlp([sender, nonce]))[12:]."""
    body = short_list(b"\x94" + bytes.fromhex(sender[2:]), scalar(nonce))
    return address.from_bytes(keccak(body)[12:])
