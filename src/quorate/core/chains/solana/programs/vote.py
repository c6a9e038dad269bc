"""Vote program: what concerns the money and the authorities of a vote account. Tag: u32, bincode.

Votes themselves (tags 2, 6, 8, 9, 12 to 15) are a validator's business: blind.
Source: `solana-vote-interface`, `VoteInstruction`.
"""

from typing import Final

from quorate.core.chains.effects import effect
from quorate.core.chains.solana.instruction import (
    Data,
    Effects,
    Instruction,
    Table,
    decode_with,
)
from quorate.core.chains.solana.programs.stake import seeded

TAG: Final = 4
ROLES: Final = ("vote_voter", "vote_withdrawer")


def decode(instruction: Instruction) -> Effects:
    return decode_with(TABLE, TAG, instruction)


def _initialize(ins: Instruction, data: Data) -> Effects:
    """Accounts: vote, rent, clock, node. Data: node, voter, withdrawer, commission in percent."""
    vote, _, _, _ = ins.exactly(4)
    made = [_authority(vote, role, data.key()) for role in ("vote_identity", *ROLES)]
    return [*made, _commission(vote, data)]


def _authorize(ins: Instruction, data: Data) -> Effects:
    """Accounts: vote, clock, authority."""
    vote, _, current = ins.exactly(3)
    new, role = data.key(), data.one_of(4, ROLES)
    return [_authority(vote, role, new, current)]


def _authorize_checked(ins: Instruction, data: Data) -> Effects:
    """Accounts: vote, clock, authority, new authority."""
    vote, _, current, new = ins.exactly(4)
    return [_authority(vote, data.one_of(4, ROLES), new, current)]


def _authorize_with_seed(ins: Instruction, data: Data) -> Effects:
    """Accounts: vote, clock, base of the current authority."""
    vote, _, base = ins.exactly(3)
    role, current = data.one_of(4, ROLES), _seeded(base, data)
    return [_authority(vote, role, data.key(), current)]


def _authorize_checked_with_seed(ins: Instruction, data: Data) -> Effects:
    """Accounts: vote, clock, base, new authority."""
    vote, _, base, new = ins.exactly(4)
    role = data.one_of(4, ROLES)
    return [_authority(vote, role, new, _seeded(base, data))]


def _seeded(base: str, data: Data) -> str:
    """As in the Stake program, in another order."""
    owner, seed = data.key(), data.text()
    return seeded(base, seed, owner)


def _update_identity(ins: Instruction, data: Data) -> Effects:
    """Accounts: vote, new node, withdraw authority."""
    vote, node, by = ins.exactly(3)
    return [_authority(vote, "vote_identity", node, by)]


def _authority(vote: str, role: str, new: str, current: str | None = None) -> dict[str, object]:
    return effect(
        "authority_change",
        account=vote,
        authority_type=role,
        current_authority=current,
        new_authority=new,
        program="vote",
    )


def _withdraw(ins: Instruction, data: Data) -> Effects:
    vote, to, by = ins.exactly(3)
    amount = str(data.unsigned(8))
    return [effect("native_transfer", asset="SOL", from_=vote, to=to, amount=amount, authority=by)]


def _update_commission(ins: Instruction, data: Data) -> Effects:
    vote, by = ins.exactly(2)
    return [_commission(vote, data) | {"authority": by}]


def _commission(vote: str, data: Data) -> dict[str, object]:
    return effect("permission_update", account=vote, permission="commission", percent=data.unsigned(1))


TABLE: Final[Table] = {
    0: _initialize,
    1: _authorize,
    3: _withdraw,
    4: _update_identity,
    5: _update_commission,
    7: _authorize_checked,
    10: _authorize_with_seed,
    11: _authorize_checked_with_seed,
}
