"""Associated Token Account program: the one token account that an owner is expected to have for a mint.

Data: empty or a u8. The rent of a new account (about 0.002 SOL for SPL Token, more for extensions) is paid by
the funder and is not in the bytes. Source: `spl-associated-token-account-interface`.
"""

from dataclasses import replace
from typing import Final

from quorate.core.chains.effects import effect
from quorate.core.chains.solana import address
from quorate.core.chains.solana.instruction import (
    Data,
    Effects,
    Instruction,
    Table,
    Unreadable,
    decode_with,
    unknown_call,
)
from quorate.core.chains.solana.programs.ids import SYSTEM, TOKEN, TOKEN_2022
from quorate.core.errors import QuorateError

TAG: Final = 1


def decode(instruction: Instruction) -> Effects:
    # the first version of the program had one instruction and no tag
    return decode_with(TABLE, TAG, replace(instruction, data=instruction.data or b"\x00"))


def _create(ins: Instruction, data: Data) -> Effects:
    return _created(ins, idempotent=False)


def _create_idempotent(ins: Instruction, data: Data) -> Effects:
    return _created(ins, idempotent=True)


def _created(ins: Instruction, *, idempotent: bool) -> Effects:
    """Accounts: funder, account, owner, mint, system, token program and, in old clients, rent."""
    (funder, account, owner, mint, system, token_program), _ = ins.between(6, 7)
    if system != SYSTEM:
        raise Unreadable(f"{system} is not the System program")
    if token_program not in (TOKEN, TOKEN_2022):
        raise Unreadable(f"{token_program} is no token program")
    created = effect(
        "account_create",
        account=account,
        owner=owner,
        asset=mint,
        funder=funder,
        idempotent=idempotent,
        token_program=token_program,
    )
    return [created, *_derived(account, owner, mint, token_program)]


def _derived(account: str, owner: str, mint: str, token_program: str) -> Effects:
    """Nothing, or that the account is not the one that belongs to owner and mint."""
    try:
        if account == address.associated_token(owner, mint, token_program):
            return []
    except QuorateError:  # one of them comes from a lookup table that is not trusted
        pass
    return [effect("inconsistent", reason="associated_token_address", account=account)]


def _recover_nested(ins: Instruction, data: Data) -> Effects:
    """Moves all tokens of an account that belongs to another token account, and closes it: how many is not
    in the bytes.
    """
    ins.exactly(7)
    return unknown_call(ins, "amount_not_in_bytes", TAG, "recoverNested")


TABLE: Final[Table] = {0: _create, 1: _create_idempotent, 2: _recover_nested}
