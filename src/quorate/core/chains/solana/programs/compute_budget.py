"""Compute Budget program: what a message offers for its place in a block. Tag: u8, borsh.

It has no effect but the fee, so what cannot be read here is refused whole: the fee would be unknown. The
runtime refuses duplicates and values out of range too, but takes bytes behind the data, which we do not.
Source: Agave, `compute-budget-instruction`; fees: Solana documentation, "Transaction fees"; SIMD-0170.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from quorate.core.chains.solana.instruction import Data, Instruction, Unreadable
from quorate.core.chains.solana.message import malformed
from quorate.core.chains.solana.programs.ids import COMPUTE_BUDGET

HEAP_FRAME, UNIT_LIMIT, UNIT_PRICE, DATA_SIZE_LIMIT = 1, 2, 3, 4
_WIDTH: Final = {HEAP_FRAME: 4, UNIT_LIMIT: 4, UNIT_PRICE: 8, DATA_SIZE_LIMIT: 4}

MAX_UNITS: Final = 1_400_000
"""The most compute units of a message; a higher limit counts as this one."""
DEFAULT_UNITS: Final = 200_000
"""Per instruction, where no limit is set."""
DEFAULT_UNITS_BUILTIN: Final = 3_000
"""Per compute budget instruction, where no limit is set (SIMD-0170)."""
MICRO: Final = 1_000_000
"""The price is in millionths of a lamport per compute unit."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Compute units at most, and the price of one in millionths of a lamport."""

    units: int
    price: int

    @property
    def priority_fee(self) -> int:
        """Lamports, rounded up. It is charged for the limit, not for what is used."""
        return -(-self.units * self.price // MICRO)


def budget(instructions: Iterable[Instruction]) -> Budget:
    """What all compute budget instructions of a message say together.

    Without a limit the runtime counts 3,000 units for an instruction of a program that is built into it, and
    200,000 for any other. Programs move from the one class to the other over time, so every instruction but
    those of this program counts 200,000 here: the fee is then the most that can be charged.

    Raises QuorateError malformed_transaction.
    """
    values: dict[int, int] = {}
    default = 0
    for instruction in instructions:
        if instruction.program != COMPUTE_BUDGET:
            default += DEFAULT_UNITS
            continue
        default += DEFAULT_UNITS_BUILTIN
        tag, value = _read(instruction)
        if tag in values:
            raise malformed(f"compute budget instruction {tag} is there twice")
        values[tag] = value
    _check_range(values)
    units = values.get(UNIT_LIMIT, default)
    return Budget(min(units, MAX_UNITS), values.get(UNIT_PRICE, 0))


def _read(instruction: Instruction) -> tuple[int, int]:
    data = Data(instruction.data)
    try:
        instruction.exactly(0)
        tag = data.unsigned(1)
        if tag not in _WIDTH:
            raise Unreadable(f"tag {tag} is not known")
        value = data.unsigned(_WIDTH[tag])
        data.end()
    except Unreadable as error:
        raise malformed(f"compute budget instruction at {instruction.position}: {error}") from None
    return tag, value


def _check_range(values: dict[int, int]) -> None:
    """Values for which the runtime refuses the whole transaction."""
    heap = values.get(HEAP_FRAME, 32 * 1024)
    if heap % 1024 or not 32 * 1024 <= heap <= 256 * 1024:
        raise malformed(f"a heap of {heap} bytes is not a multiple of 1 KiB from 32 to 256 KiB")
    if values.get(DATA_SIZE_LIMIT) == 0:
        raise malformed("the limit of loaded account data is 0")
