"""Stake program: delegation, withdrawal and the two authorities over stake accounts. Tag: u32, bincode.

Source: `solana-stake-interface`, `StakeInstruction`.
"""

from typing import Final

from quorate.core.chains.effects import effect
from quorate.core.chains.solana import address
from quorate.core.chains.solana.instruction import (
    NONE,
    Data,
    Effects,
    Instruction,
    Table,
    decode_with,
    known_call,
)
from quorate.core.errors import QuorateError

TAG: Final = 4
ROLES: Final = ("stake_staker", "stake_withdrawer")


def decode(instruction: Instruction) -> Effects:
    return decode_with(TABLE, TAG, instruction)


def _initialize(ins: Instruction, data: Data) -> Effects:
    """Accounts: stake, rent. Data: staker, withdrawer, lockup."""
    stake, _ = ins.exactly(2)
    made = [_authority(stake, role, data.key()) for role in ROLES]
    time, epoch, custodian = data.signed64(), data.unsigned(8), data.key()
    return [*made, _lockup(stake, time, epoch, custodian, NONE)]


def _initialize_checked(ins: Instruction, data: Data) -> Effects:
    """Accounts: stake, rent, staker, withdrawer."""
    stake, _, *authorities = ins.exactly(4)
    return [_authority(stake, role, key) for role, key in zip(ROLES, authorities, strict=True)]


def _authorize(ins: Instruction, data: Data) -> Effects:
    """Accounts: stake, clock, authority and the lockup's custodian, if it must agree."""
    (stake, _, current), others = ins.between(3, 4)
    new, role = data.key(), data.one_of(4, ROLES)
    return [_authority(stake, role, new, current, *others)]


def _authorize_checked(ins: Instruction, data: Data) -> Effects:
    """Accounts: stake, clock, authority, new authority and the custodian."""
    (stake, _, current, new), others = ins.between(4, 5)
    return [_authority(stake, data.one_of(4, ROLES), new, current, *others)]


def _authorize_with_seed(ins: Instruction, data: Data) -> Effects:
    """Accounts: stake, base of the current authority, clock and the custodian."""
    (stake, base, _), others = ins.between(3, 4)
    new, role = data.key(), data.one_of(4, ROLES)
    return [_authority(stake, role, new, _seeded(base, data), *others)]


def _authorize_checked_with_seed(ins: Instruction, data: Data) -> Effects:
    """Accounts: stake, base, clock, new authority and the custodian."""
    (stake, base, _, new), others = ins.between(4, 5)
    role = data.one_of(4, ROLES)
    return [_authority(stake, role, new, _seeded(base, data), *others)]


def _seeded(base: str, data: Data) -> str:
    seed, owner = data.text(), data.key()
    return seeded(base, seed, owner)


def seeded(base: str, seed: str, owner: str) -> str:
    """The authority that base, seed and owner give; the base itself where they give none."""
    try:
        return address.with_seed(base, seed, owner)
    except QuorateError:
        return base


def _authority(
    stake: str, role: str, new: str, current: str | None = None, custodian: str | None = None
) -> dict[str, object]:
    return effect(
        "authority_change",
        account=stake,
        authority_type=role,
        current_authority=current,
        new_authority=new,
        program="stake",
        custodian=custodian,
    )


def _delegate(ins: Instruction, data: Data) -> Effects:
    """Accounts: stake, vote, clock, stake history, a place that is no longer used, authority."""
    stake, vote, _, _, _, by = ins.exactly(6)
    return [effect("stake_delegate", account=stake, vote=vote, authority=by)]


def _deactivate(ins: Instruction, data: Data) -> Effects:
    stake, _, by = ins.exactly(3)
    return [effect("stake_deactivate", account=stake, authority=by)]


def _deactivate_delinquent(ins: Instruction, data: Data) -> Effects:
    """Anybody may ask for it, when a validator has not voted for long."""
    stake, _, _ = ins.exactly(3)
    return [effect("stake_deactivate", account=stake, authority=NONE)]


def _withdraw(ins: Instruction, data: Data) -> Effects:
    """Accounts: stake, recipient, clock, stake history, authority and the custodian."""
    (stake, to, _, _, by), others = ins.between(5, 6)
    amount = str(data.unsigned(8))
    custodian = others[0] if others else None
    return [effect("stake_withdraw", account=stake, to=to, amount=amount, authority=by, custodian=custodian)]


def _split(ins: Instruction, data: Data) -> Effects:
    """The new account has the authorities of the old one."""
    return _moved(ins, data, "stake_split")


def _move_stake(ins: Instruction, data: Data) -> Effects:
    return _moved(ins, data, "stake_move")


def _move_lamports(ins: Instruction, data: Data) -> Effects:
    return _moved(ins, data, "stake_move_lamports")


def _moved(ins: Instruction, data: Data, method: str) -> Effects:
    stake, to, by = ins.exactly(3)
    amount = str(data.unsigned(8))
    moved = effect("native_transfer", asset="SOL", from_=stake, to=to, amount=amount, authority=by)
    return [moved | {"method": method}]


def _merge(ins: Instruction, data: Data) -> Effects:
    """Accounts: destination, source, clock, stake history, authority. The source is emptied."""
    to, stake, _, _, by = ins.exactly(5)
    return [effect("account_close", account=stake, to=to, authority=by, program="stake")]


def _set_lockup(ins: Instruction, data: Data) -> Effects:
    stake, by = ins.exactly(2)
    time, epoch = _optional_lockup(data)
    return _lockup_changed(stake, time, epoch, data.optional_key(), by)


def _set_lockup_checked(ins: Instruction, data: Data) -> Effects:
    """Accounts: stake, authority and the new custodian."""
    (stake, by), others = ins.between(2, 3)
    time, epoch = _optional_lockup(data)
    return _lockup_changed(stake, time, epoch, others[0] if others else None, by)


def _optional_lockup(data: Data) -> tuple[int | None, int | None]:
    time = data.signed64() if data.flag() else None
    return time, data.unsigned(8) if data.flag() else None


def _lockup_changed(
    stake: str, time: int | None, epoch: int | None, custodian: str | None, by: str
) -> Effects:
    changed = [_lockup(stake, time, epoch, custodian, by)]
    if custodian is not None:
        changed.append(_authority(stake, "stake_lockup_custodian", custodian, by))
    return changed


def _lockup(
    stake: str, time: int | None, epoch: int | None, custodian: str | None, by: str
) -> dict[str, object]:
    """Withdrawals wait for the time (Unix seconds) and the epoch, unless the custodian signs too."""
    return effect(
        "permission_update",
        account=stake,
        permission="stake_lockup",
        unix_timestamp=time,
        epoch=epoch,
        custodian=custodian,
        authority=by,
    )


def _minimum_delegation(ins: Instruction, data: Data) -> Effects:
    ins.exactly(0)
    return known_call(ins, TAG, "getMinimumDelegation")


TABLE: Final[Table] = {
    0: _initialize,
    1: _authorize,
    2: _delegate,
    3: _split,
    4: _withdraw,
    5: _deactivate,
    6: _set_lockup,
    7: _merge,
    8: _authorize_with_seed,
    9: _initialize_checked,
    10: _authorize_checked,
    11: _authorize_checked_with_seed,
    12: _set_lockup_checked,
    13: _minimum_delegation,
    14: _deactivate_delinquent,
    16: _move_stake,
    17: _move_lamports,
}
