"""Single applications whose calls have done damage: old multisig wallets, bridges, governance by proposal."""

from collections.abc import Iterator
from typing import Final

from quorate.core.chains.effects import blind
from quorate.core.chains.evm.call import Args, Call, Item, authority_change, method
from quorate.core.chains.evm.calls.admin import authority_lost
from quorate.core.chains.evm.calls.erc20 import STANDARD

PROPOSAL: Final = "proposal_code_not_in_bytes"
_INIT_WALLET: Final = "initWallet(address[],uint256,uint256)"
_INIT_MULTIOWNED: Final = "initMultiowned(address[],uint256)"
_CHANGE_OWNER: Final = "changeOwner(address,address)"


def init_wallet(call: Call, args: Args) -> Iterator[Item]:
    """Parity's shared wallet library: whoever calls it first owns the wallet."""
    yield from _owners(call, _INIT_WALLET, args[0], args[1])


def init_multiowned(call: Call, args: Args) -> Iterator[Item]:
    yield from _owners(call, _INIT_MULTIOWNED, args[0], args[1])


def _owners(call: Call, name: str, owners: tuple[str, ...], required: int) -> Iterator[Item]:
    for owner in owners:
        yield call.effect(
            "ownership_change", contract=call.to, new_owner=owner, method=name, threshold=str(required)
        )


def kill(call: Call, args: Args) -> Iterator[Item]:
    yield call.effect("self_destruct", contract=call.to, beneficiary=args[0])


def change_owner(call: Call, args: Args) -> Iterator[Item]:
    """Parity and Gnosis MultiSigWallet: the second address takes the place of the first."""
    old, new = args
    yield call.effect(
        "ownership_change", contract=call.to, new_owner=new, old_owner=old, method=_CHANGE_OWNER
    )


def replace_owner(call: Call, args: Args) -> Iterator[Item]:
    old, new = args
    yield call.effect(
        "ownership_change",
        contract=call.to,
        new_owner=new,
        old_owner=old,
        method="replaceOwner(address,address)",
    )


def change_requirement(call: Call, args: Args) -> Iterator[Item]:
    yield authority_change(call, "threshold", None, threshold=str(args[0]))


def submit_transaction(call: Call, args: Args) -> Iterator[Item]:
    """Gnosis MultiSigWallet: proposes and confirms a call; it happens when enough owners have confirmed."""
    to, value, data = args
    yield call.into(f"multisig:{call.to}", sender=call.to, to=to, value=value, data=data)


def withdraw_erc20_for(call: Call, args: Args) -> Iterator[Item]:
    """Ronin's bridge pays out of its own holdings."""
    _, to, token, amount, _ = args
    inner = call.into("withdrawERC20For", sender=call.to, to=call.to, value=0, data=b"")
    yield inner.effect(
        "token_transfer", standard=STANDARD, asset=token, from_=call.to, to=to, amount=str(amount)
    )


def proposal(call: Call, args: Args) -> Iterator[Item]:
    """A vote on, or the execution of, a proposal that the call names by number or hash."""
    yield blind(PROPOSAL)


METHODS: Final = (
    method(_INIT_WALLET, init_wallet, shows_call=True),
    method(_INIT_MULTIOWNED, init_multiowned, shows_call=True),
    method("kill(address)", kill, shows_call=True),
    method(_CHANGE_OWNER, change_owner, shows_call=True),
    method("replaceOwner(address,address)", replace_owner, shows_call=True),
    method("removeOwner(address)", authority_lost("owner"), shows_call=True),
    method("changeRequirement(uint256)", change_requirement, shows_call=True),
    method("submitTransaction(address,uint256,bytes)", submit_transaction, wraps=True),
    method("withdrawERC20For(uint256,address,address,uint256,bytes)", withdraw_erc20_for, shows_call=True),
    *(
        method(text, proposal, opaque=True)
        for text in (
            "castVote(uint256,bool)",
            "castVote(uint256,uint8)",
            "castVoteWithReason(uint256,uint8,string)",
            "castVoteBySig(uint256,uint8,uint8,bytes32,bytes32)",
            "queue(uint256)",
            "execute(uint256)",
            "confirmTransaction(uint256)",
            "executeTransaction(uint256)",
        )
    ),
)
