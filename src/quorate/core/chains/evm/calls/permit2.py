"""Permit2 (Uniswap): allowances with an expiry, and transfers by signature.

Its calls name the token in an argument, so they are read only at the contracts that are Permit2; another
contract could do anything under these selectors.
"""

from collections.abc import Iterator
from typing import Final

from quorate.core.chains.effects import effect
from quorate.core.chains.evm.call import Args, Call, Item, Reader, method
from quorate.core.chains.evm.calls.erc20 import STANDARD, approval

CONTRACTS: Final = frozenset(
    {
        "0x000000000022D473030F116dDEE9F6B43aC78BA3",  # CREATE2, the same address on nearly every chain
        "0x0000000000225e31D15943971F47aD3022F714Fa",  # ZKsync Era and Abstract
    }
)
_DETAILS: Final = "(address,uint160,uint48,uint48)"


def approve(call: Call, args: Args) -> Iterator[Item]:
    token, spender, amount, expiration = args
    yield approval(
        call, "permit2.approve", call.sender, spender, amount, asset=token, expiration=str(expiration)
    )


def permit_single(call: Call, args: Args) -> Iterator[Item]:
    owner, (details, spender, _), _ = args
    yield details_approval(call, owner, spender, details)


def permit_batch(call: Call, args: Args) -> Iterator[Item]:
    owner, (many, spender, _), _ = args
    for details in many:
        yield details_approval(call, owner, spender, details)


def details_approval(call: Call, owner: str | None, spender: str, details: Args) -> dict[str, object]:
    """The approval of one PermitDetails: token, amount, expiration, nonce."""
    token, amount, expiration, _ = details
    return approval(call, "permit2", owner, spender, amount, asset=token, expiration=str(expiration))


def transfer_from(call: Call, args: Args) -> Iterator[Item]:
    from_, to, amount, token = args
    yield _transfer(call, "permit2.transferFrom", token, from_, to, amount)


def transfer_from_batch(call: Call, args: Args) -> Iterator[Item]:
    for from_, to, amount, token in args[0]:
        yield _transfer(call, "permit2.transferFrom", token, from_, to, amount)


def permit_transfer(call: Call, args: Args) -> Iterator[Item]:
    """SignatureTransfer, with or without witness: the caller moves what the owner's signature permits."""
    (permitted, _, _), (to, requested), owner = args[:3]
    yield _transfer(call, "permit2.permitTransferFrom", permitted[0], owner, to, requested)


def permit_transfer_batch(call: Call, args: Args) -> Iterator[Item]:
    (permitted, _, _), details, owner = args[:3]
    if len(permitted) != len(details):
        yield effect("inconsistent", reason="array_lengths_differ")
    for (token, _), (to, requested) in zip(permitted, details, strict=False):
        yield _transfer(call, "permit2.permitTransferFrom", token, owner, to, requested)


def lockdown(call: Call, args: Args) -> Iterator[Item]:
    for token, spender in args[0]:
        yield approval(call, "permit2.lockdown", call.sender, spender, 0, asset=token)


def _transfer(call: Call, by: str, token: str, from_: str, to: str, amount: int) -> dict[str, object]:
    return call.effect(
        "token_transfer", by=by, standard=STANDARD, asset=token, from_=from_, to=to, amount=str(amount)
    )


_ONE: Final = "((address,uint256),uint256,uint256),(address,uint256),address"
_MANY: Final = "((address,uint256)[],uint256,uint256),(address,uint256)[],address"
_READERS: Final[dict[str, Reader]] = {
    "approve(address,address,uint160,uint48)": approve,
    f"permit(address,({_DETAILS},address,uint256),bytes)": permit_single,
    f"permit(address,({_DETAILS}[],address,uint256),bytes)": permit_batch,
    "transferFrom(address,address,uint160,address)": transfer_from,
    "transferFrom((address,address,uint160,address)[])": transfer_from_batch,
    f"permitTransferFrom({_ONE},bytes)": permit_transfer,
    f"permitTransferFrom({_MANY},bytes)": permit_transfer_batch,
    f"permitWitnessTransferFrom({_ONE},bytes32,string,bytes)": permit_transfer,
    f"permitWitnessTransferFrom({_MANY},bytes32,string,bytes)": permit_transfer_batch,
    "lockdown((address,address)[])": lockdown,
}
METHODS: Final = tuple(method(text, read, only_at=CONTRACTS) for text, read in _READERS.items())
