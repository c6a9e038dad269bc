"""`python -m tests.hostile.judge_main ...`: the judge's own program, with the checks that
QUORATE_HOSTILE_DROP
names (separated by commas) left out.

The names are set before anything that defines a check is imported; the product itself has no such switch.
"""

import os
import sys

from quorate.core import checks


def main() -> int:
    checks.DROPPED = frozenset(filter(None, os.environ.get("QUORATE_HOSTILE_DROP", "").split(",")))
    from quorate.judge.main import main as judge

    return judge()


if __name__ == "__main__":
    sys.exit(main())
