"""A server that builds other bytes than were asked for: the real program with its builder replaced.

The file DIR/lie holds what it builds instead, as JSON: `to`, `value` and `data` of a call, or `raw`, the
bytes as they are. Empty or absent, it is honest.
"""

import json
import sys
from pathlib import Path
from typing import Any

import rlp  # type: ignore[import-untyped]

from quorate.server import main as server
from quorate.server.service.families import evm_build as build_service


def lie() -> dict[str, str]:
    path = Path(sys.argv[sys.argv.index("--dir") + 1]) / "lie"
    text = path.read_text() if path.exists() else ""
    found: dict[str, str] = json.loads(text or "{}")
    return found


def lying_build(intent: Any, chain: Any, assets: Any, **fields: Any) -> bytes:
    wanted = lie()
    if "raw" in wanted:
        return bytes.fromhex(wanted["raw"])
    if not wanted:
        honest: bytes = honest_build(intent, chain, assets, **fields)
        return honest
    to, data = bytes.fromhex(wanted["to"][2:]), bytes.fromhex(wanted["data"])
    values = [chain.chain_id, fields["nonce"], fields["max_priority"], fields["max_fee"], fields["gas"]]
    return b"\x02" + bytes(rlp.encode([*values, to, int(wanted["value"]), data, []]))


honest_build = build_service.build_bytes  # type: ignore[attr-defined]
build_service.build_bytes = lying_build  # type: ignore[attr-defined]

if __name__ == "__main__":
    sys.exit(server.main())
