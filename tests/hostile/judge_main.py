"""`python -m tests.hostile.judge_main ...`: the judge's own program, with the checks that
QUORATE_HOSTILE_DROP names (separated by commas) left out. With QUORATE_HOSTILE_LIE it is a dishonest judge:
it has its keeper sign tally entries that say that nothing was moved.

The names are set before anything that defines a check is imported; the product itself has no such switch.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from quorate.core import checks

if TYPE_CHECKING:
    from quorate.core.proto import keeper_pb2
    from quorate.judge.checks.case import Case


def main() -> int:
    checks.DROPPED = frozenset(filter(None, os.environ.get("QUORATE_HOSTILE_DROP", "").split(",")))
    if os.environ.get("QUORATE_HOSTILE_LIE"):
        _lie()
    from quorate.judge.main import main as judge

    return judge()


def _lie() -> None:
    from quorate.judge import judge_open

    honest = judge_open._tally_fields

    def nothing(case: Case) -> keeper_pb2.TallyFields:
        fields = honest(case)
        fields.amount = "0"
        return fields

    judge_open._tally_fields = nothing


if __name__ == "__main__":
    sys.exit(main())
