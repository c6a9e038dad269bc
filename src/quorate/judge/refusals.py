"""Refusals as they go to the server and into the log."""

import json
from collections.abc import Sequence
from typing import Final

from quorate.core.errors import QuorateError, Refused, TraceLine
from quorate.core.proto import link_pb2 as pb

MAX_TRACE: Final = 64
"""Rules named in a log leaf or a message; a leaf of the log holds at most 65,535 bytes."""
MAX_MESSAGE: Final = 1000


def name(error: QuorateError) -> str:
    """The check of a verdict; the code of a failure."""
    return error.check if isinstance(error, Refused) else error.code


def to_link(
    error: QuorateError, signer: str, intent_hash: bytes = b"", attempt_hash: bytes = b""
) -> pb.Refusal:
    """A verdict keeps its check; a failure goes by its code, its reason class says whose it is."""
    verdict = error if isinstance(error, Refused) else None
    return pb.Refusal(
        reason_class=verdict.reason_class if verdict else f"{error.whose}_error",
        check=name(error),
        rule=verdict.rule if verdict else "",
        message=error.message[:MAX_MESSAGE],
        whose=error.whose,
        signer=signer,
        intent_hash=intent_hash,
        attempt_hash=attempt_hash,
        trace=json.dumps(trace_json(verdict.trace)) if verdict and verdict.trace else "",
    )


def to_leaf(
    error: QuorateError, request: str, intent_hash: bytes = b"", attempt_hash: bytes = b""
) -> dict[str, object]:
    """The data of a `refusal` leaf."""
    verdict = error if isinstance(error, Refused) else None
    return {
        "request": request,
        "intent": intent_hash.hex() or None,
        "attempt": attempt_hash.hex() or None,
        "check": name(error),
        "rule": verdict.rule if verdict else "",
        "reason_class": verdict.reason_class if verdict else f"{error.whose}_error",
        "message": error.message[:MAX_MESSAGE],
        "trace": trace_json(verdict.trace) if verdict else [],
    }


def trace_json(trace: Sequence[TraceLine]) -> list[dict[str, str]]:
    return [{"rule": line.rule, "first_mismatch": line.first_mismatch} for line in trace[:MAX_TRACE]]
