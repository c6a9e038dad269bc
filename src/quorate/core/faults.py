"""Named crash points. The one module of core that touches the process: tests set QUORATE_FAULT, nothing
else does.

`QUORATE_FAULT=judge.after_reserve` kills the own process at that point, `judge.after_reserve:3` at its
third passage. SIGKILL, so that no handler, buffer or lock is tidied up: what survives is what was durable.
"""

import os
import signal
from collections import Counter
from typing import Final

_NAME, _, _PASSAGE = os.environ.get("QUORATE_FAULT", "").partition(":")
_AT: Final = int(_PASSAGE) if _PASSAGE.isdecimal() else 1
_passages: Final[Counter[str]] = Counter()


def point(name: str) -> None:
    """Dies here when this is the named point and its passage is the wanted one. Free otherwise."""
    if not _NAME or name != _NAME:
        return
    _passages[name] += 1
    if _passages[name] == _AT:
        os.kill(os.getpid(), signal.SIGKILL)
