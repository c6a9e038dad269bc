"""ERC-721 and ERC-1155. `transferFrom` and `approve` of ERC-721 are read in `erc20`: they share selectors."""

from collections.abc import Iterator
from typing import Final

from quorate.core.chains.effects import effect
from quorate.core.chains.evm.call import Args, Call, Item, method


def transfer_721(call: Call, args: Args) -> Iterator[Item]:
    from_, to, token_id = args[:3]
    yield call.effect(
        "token_transfer", standard="erc721", asset=call.to, from_=from_, to=to, token_id=str(token_id)
    )


def transfer_1155(call: Call, args: Args) -> Iterator[Item]:
    from_, to, token_id, amount, _ = args
    yield _one_1155(call, from_, to, token_id, amount)


def batch_1155(call: Call, args: Args) -> Iterator[Item]:
    """Ids and amounts that do not pair make the contract revert (EIP-1155, "Safe Transfer Rules")."""
    from_, to, ids, amounts, _ = args
    if len(ids) != len(amounts):
        yield effect("inconsistent", reason="array_lengths_differ")
    for token_id, amount in zip(ids, amounts, strict=False):
        yield _one_1155(call, from_, to, token_id, amount)


def set_approval_for_all(call: Call, args: Args) -> Iterator[Item]:
    """All tokens of the owner, also later ones. ERC-1155 has the same method."""
    operator, approved = args
    yield call.effect(
        "approval",
        by="setApprovalForAll",
        standard="erc721",
        asset=call.to,
        owner=call.sender,
        spender=operator,
        amount="all" if approved else "0",
        unlimited=approved,
        all_tokens=True,
        revokes=None if approved else True,
    )


def _one_1155(call: Call, from_: str, to: str, token_id: int, amount: int) -> dict[str, object]:
    return call.effect(
        "token_transfer",
        standard="erc1155",
        asset=call.to,
        from_=from_,
        to=to,
        token_id=str(token_id),
        amount=str(amount),
    )


METHODS: Final = (
    method("safeTransferFrom(address,address,uint256)", transfer_721),
    method("safeTransferFrom(address,address,uint256,bytes)", transfer_721),
    method("safeTransferFrom(address,address,uint256,uint256,bytes)", transfer_1155),
    method("safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)", batch_1155),
    method("setApprovalForAll(address,bool)", set_approval_for_all),
)
