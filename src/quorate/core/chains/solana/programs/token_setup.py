"""SPL Token and Token-2022: making mints, accounts and multisigs, and questions that change nothing."""

from typing import Final

from quorate.core.chains.effects import effect
from quorate.core.chains.solana.instruction import (
    NONE,
    Data,
    Effects,
    Instruction,
    Table,
    Unreadable,
    known_call,
)
from quorate.core.chains.solana.programs.token_effects import TAG, authority, permission


def _initialize_mint(ins: Instruction, data: Data) -> Effects:
    """Accounts: mint, rent."""
    return _mint_made(ins, ins.exactly(2)[0], data)


def _initialize_mint2(ins: Instruction, data: Data) -> Effects:
    return _mint_made(ins, ins.exactly(1)[0], data)


def _mint_made(ins: Instruction, mint: str, data: Data) -> Effects:
    data.unsigned(1)  # decimals
    minter, freezer = data.key(), data.optional_key()
    effects = [authority(ins, mint, "mint", minter)]
    return effects if freezer is None else [*effects, authority(ins, mint, "freeze", freezer)]


def _initialize_account(ins: Instruction, data: Data) -> Effects:
    """Accounts: account, mint, owner, rent."""
    account, mint, owner, _ = ins.exactly(4)
    return [_account_made(account, owner, mint)]


def _initialize_account2(ins: Instruction, data: Data) -> Effects:
    """Accounts: account, mint, rent."""
    account, mint, _ = ins.exactly(3)
    return [_account_made(account, data.key(), mint)]


def _initialize_account3(ins: Instruction, data: Data) -> Effects:
    account, mint = ins.exactly(2)
    return [_account_made(account, data.key(), mint)]


def _account_made(account: str, owner: str, mint: str) -> dict[str, object]:
    """Whoever created the account, with an instruction of its own, paid for it."""
    return effect("account_create", account=account, owner=owner, asset=mint, funder=NONE)


def _initialize_multisig(ins: Instruction, data: Data) -> Effects:
    """Accounts: multisig, rent, signers."""
    return _multisig_made(ins, data, 2)


def _initialize_multisig2(ins: Instruction, data: Data) -> Effects:
    return _multisig_made(ins, data, 1)


def _multisig_made(ins: Instruction, data: Data, fixed: int) -> Effects:
    signers, threshold = ins.accounts[fixed:], data.unsigned(1)
    if not 1 <= threshold <= len(signers) <= 11:
        raise Unreadable(f"{threshold} of {len(signers)} is no multisig")
    return [permission(ins.accounts[0], "multisig", threshold=threshold, signers=list(signers))]


def _immutable_owner(ins: Instruction, data: Data) -> Effects:
    (account,) = ins.exactly(1)
    return known_call(ins, TAG, "initializeImmutableOwner", account=account)


def _account_data_size(ins: Instruction, data: Data) -> Effects:
    """Computes and changes nothing, like the two below."""
    ins.exactly(1)
    data.rest()
    return known_call(ins, TAG, "getAccountDataSize")


def _amount_to_ui_amount(ins: Instruction, data: Data) -> Effects:
    ins.exactly(1)
    data.unsigned(8)
    return known_call(ins, TAG, "amountToUiAmount")


def _ui_amount_to_amount(ins: Instruction, data: Data) -> Effects:
    ins.exactly(1)
    data.rest()
    return known_call(ins, TAG, "uiAmountToAmount")


TABLE: Final[Table] = {
    0: _initialize_mint,
    1: _initialize_account,
    2: _initialize_multisig,
    16: _initialize_account2,
    18: _initialize_account3,
    19: _initialize_multisig2,
    20: _initialize_mint2,
    21: _account_data_size,
    22: _immutable_owner,
    23: _amount_to_ui_amount,
    24: _ui_amount_to_amount,
}
"""Part of the table of `token`."""
