"""BPF Upgradeable Loader (version 3): code of programs, and who may change it. Tag: u32, bincode.

Source: `solana-loader-v3-interface`, `UpgradeableLoaderInstruction`.
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
    known_call,
    unknown_call,
)

TAG: Final = 4


def decode(instruction: Instruction) -> Effects:
    return decode_with(TABLE, TAG, instruction)


def _initialize_buffer(ins: Instruction, data: Data) -> Effects:
    (buffer,), others = ins.between(1, 2)
    return [_authority(buffer, "buffer_authority", others[0] if others else NONE)]


def _write(ins: Instruction, data: Data) -> Effects:
    """Changes a buffer, which is no program yet."""
    buffer, by = ins.exactly(2)
    offset, content = data.unsigned(4), data.take(data.unsigned(8))
    where = {"account": buffer, "authority": by, "offset": offset, "length": len(content)}
    return known_call(ins, TAG, "write", **where)


def _deploy(ins: Instruction, data: Data) -> Effects:
    """Accounts: payer, program data, program, buffer, rent, clock, system, authority."""
    payer, _, program, buffer, _, _, _, by = ins.exactly(8)
    data.unsigned(8)
    return [_upgraded(program, buffer, by, method="deploy", funder=payer)]


def _upgrade(ins: Instruction, data: Data) -> Effects:
    """Accounts: program data, program, buffer, spill, rent, clock, authority. The buffer's rent is spilt."""
    _, program, buffer, spill, _, _, by = ins.exactly(7)
    return [_upgraded(program, buffer, by, method="upgrade", spill=spill)]


def _upgraded(program: str, buffer: str, by: str, **more: object) -> dict[str, object]:
    """Which code lies in the buffer is not in the bytes."""
    return effect("upgrade", contract=program, implementation=buffer, authority=by, **more)


def _set_authority(ins: Instruction, data: Data) -> Effects:
    """Accounts: buffer or program data, authority, new authority; without one it is final."""
    (account, current), others = ins.between(2, 3)
    return [_authority(account, "upgrade_authority", others[0] if others else NONE, current)]


def _set_authority_checked(ins: Instruction, data: Data) -> Effects:
    account, current, new = ins.exactly(3)
    return [_authority(account, "upgrade_authority", new, current)]


def _authority(account: str, kind: str, new: str, current: str | None = None) -> dict[str, object]:
    return effect(
        "authority_change",
        account=account,
        authority_type=kind,
        current_authority=current,
        new_authority=new,
        program="loader",
    )


def _close(ins: Instruction, data: Data) -> Effects:
    """Accounts: what is closed, recipient, authority and, where program data is closed, its program."""
    (account, to), others = ins.between(2, 4)
    by, program = (*others, None, None)[:2]
    return [effect("account_close", account=account, to=to, authority=by, contract=program, program="loader")]


def _extend(ins: Instruction, data: Data) -> Effects:
    """Accounts: program data, program, system, payer. The payer's rent is not in the bytes."""
    ins.between(2, 4)
    data.unsigned(4)
    return unknown_call(ins, "amount_not_in_bytes", TAG, "extendProgram")


TABLE: Final[Table] = {
    0: _initialize_buffer,
    1: _write,
    2: _deploy,
    3: _upgrade,
    4: _set_authority,
    5: _close,
    6: _extend,
    7: _set_authority_checked,
}
