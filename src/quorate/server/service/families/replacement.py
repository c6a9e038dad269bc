"""What bytes in place of others are to be."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replacement:
    """The same as all `earlier` bytes for a higher fee, at most `ceiling` in the smallest unit; or, where it
    `cancels`, a payment to nobody.
    """

    earlier: Sequence[bytes]
    cancels: bool
    ceiling: int
