"""Token-2022: the instructions of SPL Token and those of its extensions. Tags: u8, and a second u8 for most
extensions.

What the bytes cannot show. A mint may charge a fee in the token itself, call a program at each transfer
(transfer hook), give somebody a permanent right to move everybody's tokens, or be paused. All of that is
state of the mint: `transferChecked` of such a mint looks like any other. So a charter's asset entry for a
Token-2022 mint is the administrators' statement that they looked at its extensions and accept what they do.
An asset whose mint charges a fee is sent with `transferCheckedWithFee`, whose `fee` the program compares with
its own. What does show is a hook's accounts: a transfer that carries any besides its own four is blind
(`transfer_hook`), because the hook runs a program of the mint's issuer with them.

Confidential transfers, metadata, groups, interest and scaled amounts are calls that are not read: blind.
Source: `spl-token-2022-interface`, `TokenInstruction` and `extension/*/instruction.rs`.
"""

from typing import Final

from quorate.core.chains import base58
from quorate.core.chains.effects import blind
from quorate.core.chains.solana.instruction import (
    Data,
    Effects,
    Handler,
    Instruction,
    Table,
    Unreadable,
    decode_with,
    known_call,
    unknown_call,
)
from quorate.core.chains.solana.programs import token, token_effects
from quorate.core.chains.solana.programs.token_effects import authority, permission, transferred

TAG: Final = 2
"""Bytes of a selector: the extension's tag and that of its instruction."""
AUTHORITIES: Final = (
    *token.AUTHORITIES,
    "transfer_fee_config",
    "withheld_withdraw",
    "close_mint",
    "interest_rate",
    "permanent_delegate",
    "confidential_transfer_mint",
    "transfer_hook_program",
    "confidential_transfer_fee_config",
    "metadata_pointer",
    "group_pointer",
    "group_member_pointer",
    "scaled_ui_amount",
    "pause",
)
_TRANSFERS: Final = {3: 3, 12: 4}
"""Tags of the plain transfers -> how many accounts they have without a hook."""


def decode(instruction: Instruction) -> Effects:
    fixed = _TRANSFERS.get(instruction.data[0] if instruction.data else 0, len(instruction.accounts))
    return _with_hook(instruction, fixed) or decode_with(TABLE, token_effects.TAG, instruction)


def _with_hook(ins: Instruction, fixed: int) -> Effects:
    """The transfer without further accounts, and that a program of the issuer may run with those.

    They may be the signers of a multisig, but a hook can ask for accounts that sign, too.
    """
    extra = ins.accounts[fixed:]
    if not extra:
        return []
    plain = Instruction(ins.position, ins.program, ins.accounts[:fixed], ins.signs[:fixed], ins.data)
    hook = blind("transfer_hook", program=ins.program, position=ins.position, accounts=list(extra))
    return [*decode_with(TABLE, token_effects.TAG, plain), hook]


def _set_authority(ins: Instruction, data: Data) -> Effects:
    return token.authority_set(ins, data, AUTHORITIES)


def _close_mint_authority(ins: Instruction, data: Data) -> Effects:
    (mint,) = ins.exactly(1)
    return [authority(ins, mint, "close_mint", data.optional_key())]


def _permanent_delegate(ins: Instruction, data: Data) -> Effects:
    (mint,) = ins.exactly(1)
    return [authority(ins, mint, "permanent_delegate", data.key())]


def _non_transferable(ins: Instruction, data: Data) -> Effects:
    (mint,) = ins.exactly(1)
    return [permission(mint, "non_transferable")]


def _fee_initialize(ins: Instruction, data: Data) -> Effects:
    (mint,) = ins.exactly(1)
    config, withdraw = data.optional_key(), data.optional_key()
    return [
        authority(ins, mint, "transfer_fee_config", config),
        authority(ins, mint, "withheld_withdraw", withdraw),
        _fee_set(mint, data),
    ]


def _fee_transfer(ins: Instruction, data: Data) -> Effects:
    """`amount` leaves `from`; `to` gets it less `fee`, which stays withheld in the recipient's account."""
    (source, mint, to, owner), signers = ins.with_signers(4)
    amount, decimals, fee = data.unsigned(8), data.unsigned(1), data.unsigned(8)
    if fee > amount:
        raise Unreadable("the fee exceeds the amount")
    return [transferred(ins, mint, source, to, amount, owner, signers, decimals=decimals, fee=str(fee))]


def _fee_change(ins: Instruction, data: Data) -> Effects:
    (mint, by), _ = ins.with_signers(2)
    return [_fee_set(mint, data, authority=by)]


def _fee_set(mint: str, data: Data, **more: object) -> dict[str, object]:
    points, maximum = data.unsigned(2), data.unsigned(8)
    return permission(mint, "transfer_fee", basis_points=points, maximum=str(maximum), **more)


def _fee_withdraw(ins: Instruction, data: Data) -> Effects:
    """From the mint or from accounts: how much was withheld is not in the bytes."""
    data.rest()
    return unknown_call(ins, "amount_not_in_bytes", TAG, "withdrawWithheldTokens")


def _fee_harvest(ins: Instruction, data: Data) -> Effects:
    """Moves withheld fees into the mint; anybody may ask for it."""
    return known_call(ins, TAG, "harvestWithheldTokensToMint", mint=ins.between(1, 64)[0][0])


def _default_state_initialize(ins: Instruction, data: Data) -> Effects:
    (mint,) = ins.exactly(1)
    return [permission(mint, "default_account_state", state=_state(data))]


def _default_state_update(ins: Instruction, data: Data) -> Effects:
    (mint, by), _ = ins.with_signers(2)
    return [permission(mint, "default_account_state", state=_state(data), authority=by)]


def _state(data: Data) -> str:
    return data.one_of(1, ("uninitialized", "initialized", "frozen"))


def _switch(name: str) -> Handler:
    """Extensions of a token account that its owner switches on and off."""

    def handler(ins: Instruction, data: Data) -> Effects:
        (account, owner), _ = ins.with_signers(2)
        return [permission(account, name, authority=owner)]

    return handler


def _hook_initialize(ins: Instruction, data: Data) -> Effects:
    (mint,) = ins.exactly(1)
    by, program = _key_or_zero(data), _key_or_zero(data)
    return [
        authority(ins, mint, "transfer_hook_program", by),
        permission(mint, "transfer_hook", program=program),
    ]


def _hook_update(ins: Instruction, data: Data) -> Effects:
    (mint, by), _ = ins.with_signers(2)
    return [permission(mint, "transfer_hook", program=_key_or_zero(data), authority=by)]


def _key_or_zero(data: Data) -> str | None:
    """The newer extensions write "none" as 32 zero bytes."""
    key = data.take(32)
    return base58.encode(key) if any(key) else None


def _extension(table: Table) -> Handler:
    """An extension's own tag is the second byte; one that is not known makes the call blind."""

    def handler(ins: Instruction, data: Data) -> Effects:
        found = table.get(data.unsigned(1))
        if found is None:
            data.rest()
            return unknown_call(ins, "unknown_instruction", TAG)
        return found(ins, data)

    return handler


TABLE: Final[Table] = {
    **token.TABLE,
    6: _set_authority,
    25: _close_mint_authority,
    26: _extension(
        {
            0: _fee_initialize,
            1: _fee_transfer,
            2: _fee_withdraw,
            3: _fee_withdraw,
            4: _fee_harvest,
            5: _fee_change,
        }
    ),
    28: _extension({0: _default_state_initialize, 1: _default_state_update}),
    30: _extension({0: _switch("memo_required"), 1: _switch("memo_not_required")}),
    32: _non_transferable,
    34: _extension({0: _switch("cpi_guarded"), 1: _switch("cpi_not_guarded")}),
    35: _permanent_delegate,
    36: _extension({0: _hook_initialize, 1: _hook_update}),
}
