"""Address Lookup Table program: lists of addresses that version 0 messages refer to. Tag: u32, bincode.

A table only grows: an address once in it keeps its place until the table is closed, and its own address,
derived from a recent slot, cannot come again. So what was once verified at a place may be trusted for good.
Source: `solana-address-lookup-table-interface`, `ProgramInstruction`.
"""

from typing import Final

from quorate.core.chains.effects import effect
from quorate.core.chains.solana.instruction import (
    NONE,
    Data,
    Effects,
    Instruction,
    Table,
    decode_with,
)
from quorate.core.chains.solana.programs.token_effects import permission

TAG: Final = 4


def decode(instruction: Instruction) -> Effects:
    return decode_with(TABLE, TAG, instruction)


def _create(ins: Instruction, data: Data) -> Effects:
    """Accounts: table, authority, payer, system. Data: recent slot, bump."""
    table, by, payer, _ = ins.exactly(4)
    data.unsigned(8)
    data.unsigned(1)
    return [effect("account_create", account=table, owner=by, asset="SOL", funder=payer)]


def _freeze(ins: Instruction, data: Data) -> Effects:
    """Nobody can change the table afterwards."""
    table, by = ins.exactly(2)
    return [
        effect(
            "authority_change",
            account=table,
            authority_type="lookup_table",
            current_authority=by,
            new_authority=NONE,
            program="lookup_table",
        )
    ]


def _extend(ins: Instruction, data: Data) -> Effects:
    """Accounts: table, authority and, where rent is due, payer and system."""
    (table, by), others = ins.between(2, 4)
    count = data.unsigned(8)
    addresses = [data.key() for _ in range(count)]
    funder = others[0] if others else None
    return [permission(table, "lookup_table_extend", addresses=addresses, authority=by, funder=funder)]


def _deactivate(ins: Instruction, data: Data) -> Effects:
    table, by = ins.exactly(2)
    return [permission(table, "lookup_table_deactivate", authority=by)]


def _close(ins: Instruction, data: Data) -> Effects:
    table, by, to = ins.exactly(3)
    return [effect("account_close", account=table, to=to, authority=by, program="lookup_table")]


TABLE: Final[Table] = {0: _create, 1: _freeze, 2: _extend, 3: _deactivate, 4: _close}
