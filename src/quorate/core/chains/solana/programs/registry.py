"""Which file knows which program."""

from collections.abc import Callable, Mapping
from typing import Final

from quorate.core.chains.solana.instruction import Effects, Instruction
from quorate.core.chains.solana.programs import (
    anchor,
    associated_token,
    ids,
    loader,
    lookup_table,
    memo,
    stake,
    system,
    token,
    token2022,
    vote,
)


def _none(instruction: Instruction) -> Effects:
    """The compute budget has no effect but the fee, see `compute_budget.budget`."""
    return []


DECODERS: Final[Mapping[str, Callable[[Instruction], Effects]]] = {
    ids.SYSTEM: system.decode,
    ids.COMPUTE_BUDGET: _none,
    ids.TOKEN: token.decode,
    ids.TOKEN_2022: token2022.decode,
    ids.ASSOCIATED_TOKEN: associated_token.decode,
    ids.STAKE: stake.decode,
    ids.VOTE: vote.decode,
    ids.LOADER: loader.decode,
    ids.LOOKUP_TABLE: lookup_table.decode,
    ids.MEMO: memo.decode,
    ids.MEMO_V1: memo.decode,
    ids.SQUADS_V4: anchor.squads,
    ids.DRIFT: anchor.drift,
}


def effects(instruction: Instruction) -> Effects:
    return DECODERS.get(instruction.program, anchor.unknown)(instruction)
