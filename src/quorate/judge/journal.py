"""One JSON line on stderr per event. Ids, hashes and codes only: no request bodies, no tokens, no keys."""

import json
import sys
import time
from typing import Protocol


class Journal(Protocol):
    """Where a program tells its operator what it does."""

    def __call__(self, event: str, /, **fields: str | int | bool | None) -> None: ...


def stderr_journal(signer: str) -> Journal:
    def write(event: str, /, **fields: str | int | bool | None) -> None:
        line = {
            "time_ms": time.time_ns() // 1_000_000,
            "program": "judge",
            "signer": signer,
            "event": event,
            **fields,
        }
        print(json.dumps(line), file=sys.stderr, flush=True)

    return write
