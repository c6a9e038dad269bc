"""SPL Token: fungible tokens. Tag: u8. The same instructions, with the same tags, begin Token-2022.

Tokens lie in token accounts: `from` and `to` of an effect are token accounts, and `owner` is the wallet (or
multisig) that signs. `address.associated_token` gives the account of a wallet. `transfer` and `approve` do
not name the mint: their `asset` is `unknown` and a `blind` effect says so. Burnt tokens are transfers to
`burned`.
Source: `spl-token-interface`, `TokenInstruction`.
"""

from typing import Final

from quorate.core.chains.effects import effect
from quorate.core.chains.solana.instruction import (
    NONE,
    UNKNOWN,
    Data,
    Effects,
    Instruction,
    Table,
    decode_with,
    known_call,
)
from quorate.core.chains.solana.programs import token_setup
from quorate.core.chains.solana.programs.token_effects import (
    BURNED,
    TAG,
    approved,
    authority,
    mint_unknown,
    permission,
    standard,
    transferred,
)

AUTHORITIES: Final = ("mint", "freeze", "account_owner", "close_account")


def decode(instruction: Instruction) -> Effects:
    return decode_with(TABLE, TAG, instruction)


def _transfer(ins: Instruction, data: Data) -> Effects:
    (source, to, owner), signers = ins.with_signers(3)
    moved = transferred(ins, UNKNOWN, source, to, data.unsigned(8), owner, signers)
    return [moved, mint_unknown(source)]


def _transfer_checked(ins: Instruction, data: Data) -> Effects:
    (source, mint, to, owner), signers = ins.with_signers(4)
    amount, decimals = data.unsigned(8), data.unsigned(1)
    return [transferred(ins, mint, source, to, amount, owner, signers, decimals=decimals)]


def _approve(ins: Instruction, data: Data) -> Effects:
    (source, delegate, owner), _ = ins.with_signers(3)
    return [approved(ins, UNKNOWN, source, delegate, data.unsigned(8), owner), mint_unknown(source)]


def _approve_checked(ins: Instruction, data: Data) -> Effects:
    (source, mint, delegate, owner), _ = ins.with_signers(4)
    amount, decimals = data.unsigned(8), data.unsigned(1)
    return [approved(ins, mint, source, delegate, amount, owner, decimals=decimals)]


def _revoke(ins: Instruction, data: Data) -> Effects:
    """Takes the approval away; which mint it is about changes nothing."""
    (source, owner), _ = ins.with_signers(2)
    return [approved(ins, UNKNOWN, source, NONE, 0, owner)]


def _set_authority(ins: Instruction, data: Data) -> Effects:
    return authority_set(ins, data, AUTHORITIES)


def authority_set(ins: Instruction, data: Data, names: tuple[str, ...]) -> Effects:
    (account, current), _ = ins.with_signers(2)
    return [authority(ins, account, data.one_of(1, names), data.optional_key(), current)]


def _mint_to(ins: Instruction, data: Data) -> Effects:
    return _minted(ins, data.unsigned(8))


def _mint_to_checked(ins: Instruction, data: Data) -> Effects:
    return _minted(ins, data.unsigned(8), decimals=data.unsigned(1))


def _minted(ins: Instruction, amount: int, **more: object) -> Effects:
    (mint, to, by), _ = ins.with_signers(3)
    return [effect("mint", asset=mint, amount=str(amount), to=to, authority=by, **more)]


def _burn(ins: Instruction, data: Data) -> Effects:
    return _burnt(ins, data.unsigned(8))


def _burn_checked(ins: Instruction, data: Data) -> Effects:
    return _burnt(ins, data.unsigned(8), decimals=data.unsigned(1))


def _burnt(ins: Instruction, amount: int, **more: object) -> Effects:
    (source, mint, owner), signers = ins.with_signers(3)
    return [transferred(ins, mint, source, BURNED, amount, owner, signers, **more)]


def _close_account(ins: Instruction, data: Data) -> Effects:
    """All lamports go to `to`; of an account of wrapped SOL that is the whole balance."""
    (account, to, owner), _ = ins.with_signers(3)
    return [effect("account_close", account=account, to=to, authority=owner, program=standard(ins))]


def _freeze(ins: Instruction, data: Data) -> Effects:
    return _frozen(ins, "frozen")


def _thaw(ins: Instruction, data: Data) -> Effects:
    return _frozen(ins, "thawed")


def _frozen(ins: Instruction, state: str) -> Effects:
    (account, mint, by), _ = ins.with_signers(3)
    return [permission(account, state, asset=mint, authority=by)]


def _sync_native(ins: Instruction, data: Data) -> Effects:
    """Counts the lamports that lie in an account of wrapped SOL; anybody may ask for it."""
    (account,) = ins.exactly(1)
    return known_call(ins, TAG, "syncNative", account=account)


TABLE: Final[Table] = {
    **token_setup.TABLE,
    3: _transfer,
    4: _approve,
    5: _revoke,
    6: _set_authority,
    7: _mint_to,
    8: _burn,
    9: _close_account,
    10: _freeze,
    11: _thaw,
    12: _transfer_checked,
    13: _approve_checked,
    14: _mint_to_checked,
    15: _burn_checked,
    17: _sync_native,
}
