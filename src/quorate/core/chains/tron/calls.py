"""Calls of TRC-20 contracts -> effects.

The ABI is Solidity's: a 4-byte selector and 32-byte words. Addresses are the last 20 bytes, without 0x41. A
call counts as understood only when encoding what was read gives the same bytes: contracts disagree on what a
dirty address word, missing or further bytes mean.
"""

from collections.abc import Callable, Mapping
from typing import Final

from quorate.core.chains.effects import Effect, blind, effect
from quorate.core.chains.tron import address

TRC20: Final = "trc20"
UNLIMITED: Final = 1 << 255
"""Approvals from here on are of more than can ever exist: no token has half of 2^256 units."""

NOT_ABI: Final = "not_abi"
UNKNOWN_CALL: Final = "unknown_call"
VALUE_WITH_CALL: Final = "value_with_call"


def call_effects(owner: str, contract: str, data: bytes, *, pays: bool) -> list[Effect]:
    """What a call does besides the coins and tokens sent along; `pays` says whether there are any.

    A payment with a call that takes none is blind: the contract is not the token it seems to be.
    """
    known = _METHODS.get(data[:4])
    if known is None:
        return _unknown(contract, data, UNKNOWN_CALL)
    words, read = known
    arguments = _arguments(data, words)
    if arguments is None:
        return _unknown(contract, data, NOT_ABI)
    if pays:
        return _unknown(contract, data, VALUE_WITH_CALL)
    return [read(owner, contract, arguments)]


def _unknown(contract: str, data: bytes, reason: str) -> list[Effect]:
    call = effect("contract_call", to=contract, selector="0x" + data[:4].hex(), blind=True)
    return [call, blind(reason, contract=contract)]


def _arguments(data: bytes, words: str) -> list[int] | None:
    """The words behind the selector, each `a` (an address as a number) or `u` (uint256)."""
    values = [int.from_bytes(data[4 + 32 * i : 36 + 32 * i], "big") for i in range(len(words))]
    if any(kind == "a" and value >> 160 for kind, value in zip(words, values, strict=True)):
        return None
    encoded = b"".join(value.to_bytes(32, "big") for value in values)
    return values if data[4:] == encoded else None


def _transfer(owner: str, contract: str, arguments: list[int]) -> Effect:
    to, amount = arguments
    return _token_transfer(contract, owner, to, amount)


def _transfer_from(owner: str, contract: str, arguments: list[int]) -> Effect:
    source, to, amount = arguments
    return _token_transfer(contract, _text(source), to, amount, spender=owner, via="transferFrom")


def _token_transfer(contract: str, source: str, to: int, amount: int, **members: object) -> Effect:
    return effect(
        "token_transfer",
        standard=TRC20,
        asset=contract,
        from_=source,
        to=_text(to),
        amount=str(amount),
        **members,
    )


def _approval(via: str) -> Callable[[str, str, list[int]], Effect]:
    """`approve` sets the allowance, the others add to it: `amount` is the argument, `via` tells which."""

    def read(owner: str, contract: str, arguments: list[int]) -> Effect:
        spender, amount = arguments
        return effect(
            "approval",
            standard=TRC20,
            asset=contract,
            owner=owner,
            spender=_text(spender),
            amount=str(amount),
            unlimited=amount >= UNLIMITED,
            via=via,
            revokes=True if via == "approve" and amount == 0 else None,
        )

    return read


def _text(number: int) -> str:
    return address.from_bytes(address.PREFIX + number.to_bytes(20, "big"))


_METHODS: Final[Mapping[bytes, tuple[str, Callable[[str, str, list[int]], Effect]]]] = {
    bytes.fromhex("a9059cbb"): ("au", _transfer),
    bytes.fromhex("23b872dd"): ("aau", _transfer_from),
    bytes.fromhex("095ea7b3"): ("au", _approval("approve")),
    bytes.fromhex("d73dd623"): ("au", _approval("increaseApproval")),
    bytes.fromhex("39509351"): ("au", _approval("increaseAllowance")),
}
"""keccak256 of transfer, approve, increaseApproval, increaseAllowance(address,uint256) and of
transferFrom(address,address,uint256), first 4 bytes."""
