"""One intent with all that was decided about it, for people and for the bench."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from quorate.core.model.statement import SignedStatement, to_json
from quorate.server.service.session import attempt_of
from quorate.server.store.rows import Transaction
from quorate.server.store.transactions import Session

STAMPS = ("received", "admitted", "voted", "signed", "stored")


def describe(
    row: Transaction,
    sessions: Sequence[Session],
    statements: Sequence[SignedStatement],
    first: bytes | None,
    lacking: Sequence[str],
) -> dict[str, object]:
    """Everything that an approver's tool needs to find out for itself what is asked, and what became of it.

    `first`: the bytes that approvers are shown while there are no others. Stamps are microseconds of this
    server's clock; null for a stage that was not reached.
    """
    return {
        "intent_hash": row.intent_hash.hex(),
        "transaction": row.id,
        "status": row.status,
        "sub_status": row.sub_status,
        "system_messages": json.loads(row.system_messages),
        "request": {"method": "POST", "uri": row.uri, "body": row.body.hex(), "token": row.token},
        "intent": json.loads(row.intent),
        "attempt": _attempt(row, first),
        "statements": [to_json(signed) for signed in statements],
        "approvals_missing": list(lacking),
        "admissions": json.loads(row.admissions),
        "sessions": [_session(session) for session in sessions],
        "decisions": decisions(sessions),
        "result": None if row.result is None else json.loads(row.result),
        "transaction_hash": row.transaction_hash,
        "stamps_us": {stage: getattr(row, f"{stage}_us") for stage in STAMPS},
    }


def brief(row: Transaction) -> dict[str, object]:
    """One line of the list of requests that wait for people."""
    return {
        "intent_hash": row.intent_hash.hex(),
        "transaction": row.id,
        "operation": row.operation,
        "created_ms": row.created_ms,
    }


def _attempt(row: Transaction, first: bytes | None) -> dict[str, object] | None:
    if row.chain is not None and row.attempt_bytes is None and first is None:
        return None  # not built yet
    attempt = attempt_of(row if row.attempt_bytes is not None else replace(row, attempt_bytes=first))
    return {"format": attempt.format, "bytes": attempt.data.hex(), "hash": attempt.hash.hex()}


def _session(session: Session) -> dict[str, object]:
    return {
        "number": session.number,
        "members": json.loads(session.members),
        "outcome": session.outcome,
        "votes": json.loads(session.votes),
        "refusals": json.loads(session.refusals),
        "opened_us": session.opened_us,
    }


def decisions(sessions: Sequence[Session]) -> dict[str, dict[str, Any]]:
    """Each signer's newest word: a vote is its yes, a refusal names check, rule and, rule by rule,
    what did not match."""
    found: dict[str, dict[str, Any]] = {}
    for session in sessions:
        for signer in json.loads(session.votes):
            found[signer] = {"verdict": "allow", "session": session.number}
        for refusal in json.loads(session.refusals):
            found[refusal["signer"]] = {"verdict": "refuse", "session": session.number, **refusal}
    return found
