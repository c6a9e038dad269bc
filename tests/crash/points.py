"""All fault points, by where they can be reached. The keeper's are read from its sources, so that a new one
cannot be forgotten here.
"""

import re
from typing import Final

from quorate.judge import faults as judge
from quorate.server import faults as server
from tests.hostile.launcher import ROOT


def _keeper_points() -> tuple[str, ...]:
    sources = (ROOT / "crates/quorate-keeper/src").rglob("*.rs")
    found = {name for path in sources for name in re.findall(r'fault_point\("([^"]+)"\)', path.read_text())}
    return tuple(sorted(found))


KEEPER: Final = _keeper_points()
APPROVALS: Final = frozenset(server.APPROVALS)
"""Reached only by requests that people are asked about: tests/server/test_approvals.py has them."""
CEREMONY: Final = frozenset(
    (
        "keeper.after_share",
        *(p for p in judge.POINTS if p.split(".")[1] in ("charter", "part", "certificate")),
        *server.CEREMONY,
    )
)
"""Reached while a charter is activated or a key created; the others while transfers go on."""
_GOVERNANCE: Final = ("proposal", "veto", "freeze", "unfreeze")
GOVERNANCE: Final = frozenset(
    (*(p for p in judge.POINTS if p.split(".")[1] in _GOVERNANCE), *server.GOVERNANCE)
)
"""Reached when administrators freeze or change the charter: tests/judge and tests/server."""
REPLACEMENT: Final = frozenset(server.REPLACEMENT)
"""Reached when the fee of a transaction is raised: tests/server/test_crashes.py."""
_ELSEWHERE: Final = GOVERNANCE | APPROVALS | REPLACEMENT
ALL: Final = frozenset((*KEEPER, *judge.POINTS, *server.POINTS)) - _ELSEWHERE
SERVER: Final = tuple(p for p in server.POINTS if p in ALL - CEREMONY)
SIGNER: Final = tuple(p for p in (*judge.POINTS, *KEEPER) if p in ALL - CEREMONY)
