"""ERC-20 tokens with their usual additions: allowances, EIP-2612 and DAI permits, EIP-3009, minting.

`transferFrom` and `approve` have the same selectors in ERC-721, where the number is a token id; the bytes do
not say which it is. A rule that names assets knows.
"""

from collections.abc import Iterator
from typing import Final

from quorate.core.chains.evm.call import Args, Call, Item, method

STANDARD: Final = "erc20"
MAX_UINT256: Final = (1 << 256) - 1
_NO_LIMIT: Final = 1 << 128
_MAX_UINT96: Final = (1 << 96) - 1


def is_unlimited(amount: int) -> bool:
    """More than any token has. Tokens that count in 96 bits take 2^96 - 1 for no limit."""
    return amount >= _NO_LIMIT or amount == _MAX_UINT96


def transfer(call: Call, args: Args) -> Iterator[Item]:
    to, amount = args
    yield call.effect(
        "token_transfer", standard=STANDARD, asset=call.to, from_=call.sender, to=to, amount=str(amount)
    )


def transfer_from(call: Call, args: Args) -> Iterator[Item]:
    from_, to, amount = args
    yield call.effect(
        "token_transfer",
        by="transferFrom",
        standard=STANDARD,
        asset=call.to,
        from_=from_,
        to=to,
        amount=str(amount),
    )


def approval(
    call: Call, by: str, owner: str | None, spender: str, amount: int, *, asset: str = "", **more: object
) -> dict[str, object]:
    """An allowance of `amount`; none takes back what was allowed before."""
    return call.effect(
        "approval",
        by=by,
        standard=STANDARD,
        asset=asset or call.to,
        owner=owner,
        spender=spender,
        amount=str(amount),
        unlimited=is_unlimited(amount),
        revokes=True if amount == 0 else None,
        **more,
    )


def approve(call: Call, args: Args) -> Iterator[Item]:
    spender, amount = args
    yield approval(call, "approve", call.sender, spender, amount)


def increase_allowance(call: Call, args: Args) -> Iterator[Item]:
    """The amount comes on top of what was allowed before, which the bytes do not say."""
    spender, amount = args
    yield approval(call, "increaseAllowance", call.sender, spender, amount) | {"increase": True}


def decrease_allowance(call: Call, args: Args) -> Iterator[Item]:
    """Nothing is granted; `decrease` is taken off what was allowed before."""
    spender, amount = args
    yield approval(call, "decreaseAllowance", call.sender, spender, 0, decrease=str(amount))


def permit(call: Call, args: Args) -> Iterator[Item]:
    """EIP-2612, with the owner's signature as v, r, s or as bytes."""
    owner, spender, amount, deadline = args[:4]
    yield approval(call, "permit", owner, spender, amount, deadline=str(deadline))


def dai_permit(call: Call, args: Args) -> Iterator[Item]:
    """DAI knows all or nothing; expiry 0 is never."""
    holder, spender, _, expiry, allowed = args[:5]
    yield approval(
        call, "permit", holder, spender, MAX_UINT256 if allowed else 0, deadline=str(expiry or MAX_UINT256)
    )


def with_authorization(call: Call, args: Args) -> Iterator[Item]:
    """EIP-3009: a transfer by the holder's signature."""
    from_, to, amount, _, valid_before = args[:5]
    yield call.effect(
        "token_transfer",
        by="transferWithAuthorization",
        standard=STANDARD,
        asset=call.to,
        from_=from_,
        to=to,
        amount=str(amount),
        deadline=str(valid_before),
    )


def mint(call: Call, args: Args) -> Iterator[Item]:
    to, amount = args
    yield call.effect("mint", asset=call.to, to=to, amount=str(amount))


_AUTHORIZATION: Final = "address,address,uint256,uint256,uint256,bytes32"
METHODS: Final = (
    method("transfer(address,uint256)", transfer),
    method("transferFrom(address,address,uint256)", transfer_from),
    method("approve(address,uint256)", approve),
    method("increaseAllowance(address,uint256)", increase_allowance),
    method("decreaseAllowance(address,uint256)", decrease_allowance),
    method("increaseApproval(address,uint256)", increase_allowance),
    method("decreaseApproval(address,uint256)", decrease_allowance),
    method("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)", permit),
    method("permit(address,address,uint256,uint256,bytes)", permit),
    method("permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)", dai_permit),
    method(f"transferWithAuthorization({_AUTHORIZATION},uint8,bytes32,bytes32)", with_authorization),
    method(f"transferWithAuthorization({_AUTHORIZATION},bytes)", with_authorization),
    method(f"receiveWithAuthorization({_AUTHORIZATION},uint8,bytes32,bytes32)", with_authorization),
    method(f"receiveWithAuthorization({_AUTHORIZATION},bytes)", with_authorization),
    method("mint(address,uint256)", mint),
)
