"""A server that shows the signers other bytes than were asked for: the real program, whose attempts are
replaced on their way to the signers.

The file DIR/lies holds what it shows, as JSON, by externalTxId: `to`, `value` and `data` of an EVM call, in
the honest transaction's place and with its nonce and fees; or `raw`, the bytes as they are. Of other requests
it shows what was built.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import rlp  # type: ignore[import-untyped]

from quorate.core.model.intent import Attempt
from quorate.server import main as server
from quorate.server.service import session
from quorate.server.store.rows import Transaction


def lies() -> dict[str, dict[str, str]]:
    path = Path(sys.argv[sys.argv.index("--dir") + 1]) / "lies"
    found: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
    return found


def lying_attempt(transaction: Transaction) -> Attempt:
    honest = honest_attempt(transaction)
    lie = lies().get(transaction.external_id or "")
    return honest if lie is None else replace(honest, data=told(lie, honest.data))


def told(lie: dict[str, str], honest: bytes) -> bytes:
    if "raw" in lie:
        return bytes.fromhex(lie["raw"])
    chain, nonce, priority, highest, gas, *_ = rlp.decode(honest[1:])
    call = [bytes.fromhex(lie["to"][2:]), int(lie["value"]), bytes.fromhex(lie["data"])]
    return b"\x02" + bytes(rlp.encode([chain, nonce, priority, highest, gas, *call, []]))


honest_attempt = session.attempt_of
session.attempt_of = lying_attempt

if __name__ == "__main__":
    sys.exit(server.main())
