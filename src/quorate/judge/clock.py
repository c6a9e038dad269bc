"""The signer's own clock. Nothing the server says about time is used."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Unix time in milliseconds."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000
