"""Crash points: free unless named, and then the process is gone without a word."""

import os
import signal
import subprocess
import sys

import pytest

PROGRAM = """
from quorate.core.faults import point
for passage in range(3):
    point("judge.other")
    print(passage, flush=True)
    point("judge.here")
"""


@pytest.mark.parametrize(
    ("fault", "printed"),
    [
        (None, 3),
        ("judge.there", 3),
        ("judge.here", 1),
        ("judge.here:1", 1),
        ("judge.here:3", 3),
        ("judge.here:4", 3),
    ],
)
def test_point(fault: str | None, printed: int) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "QUORATE_FAULT"} | (
        {"QUORATE_FAULT": fault} if fault else {}
    )
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, env=environment
    )
    killed = fault in ("judge.here", "judge.here:1", "judge.here:3")
    assert done.returncode == (-signal.SIGKILL if killed else 0)
    assert done.stdout.split() == [str(passage) for passage in range(printed)]
