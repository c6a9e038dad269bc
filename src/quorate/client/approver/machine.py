"""The machine approver: looks at what waits, asks its source, records the answer, then signs and sends it.

It fails closed. A request that cannot be derived or does not agree with its bytes, a source without an
answer, a record that cannot be written: none of them leads to a statement.
"""

import json
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from quorate.client.approver import agree, answer, signing
from quorate.client.approver.answer import Answer, Source
from quorate.client.approver.asked import Asked, fetch, waiting
from quorate.client.approver.record import Record
from quorate.core.errors import QuorateError
from quorate.core.model import statement
from quorate.core.model.charter import Approver, Charter
from quorate.core.model.statement import SignedStatement, from_json, to_json

PAUSE: Final = 10.0
"""Seconds before a request is looked at again that could not be answered, doubled each time."""
LONGEST_PAUSE: Final = 180.0
_VERDICTS: Final = {answer.APPROVE: statement.APPROVE, answer.REJECT: statement.REJECT}


@dataclass
class Machine:
    """One approver's key, answered for by `source`."""

    server: str
    charters: Sequence[Charter]
    approver: Approver
    key: Path
    source: Source
    record: Record
    clock: Callable[[], float] = time.time
    _again: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Intent hash -> (not before, pause so far)."""
    _sent: set[str] = field(default_factory=set)

    def run_once(self) -> int:
        """Answers everything that waits and is due; how many statements were sent.

        Raises QuorateError when the server does not list what waits.
        """
        hashes = [intent_hash.hex() for intent_hash in waiting(self.server)]
        self._again = {name: due for name, due in self._again.items() if name in hashes}
        self._sent &= set(hashes)
        return sum(self._attend(name) for name in hashes if self._is_due(name))

    def _is_due(self, name: str) -> bool:
        return name not in self._sent and self.clock() >= self._again.get(name, (0.0, 0.0))[0]

    def _attend(self, name: str) -> bool:
        try:
            entry = self.record.answers.get(name) or self._answer(name)
            return self._send(name, entry)
        except QuorateError as error:
            self._later(name)
            journal("unanswered", intent=name, code=error.code, detail=error.message)
            return False

    def _answer(self, name: str) -> Mapping[str, Any]:
        """A new answer, on record. Raises QuorateError where there is none yet."""
        now = int(self.clock())
        asked = fetch(self.server, self.charters, bytes.fromhex(name), now)
        agree.decoded(asked)
        request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.approver.id}/{name}"))
        said = self.source.ask(asked, request_id)
        if said.action not in answer.FINAL:
            raise QuorateError("retry", f"{said.by} answers later", "state")
        entry = self._entry(asked, said, request_id, now)
        self.record.add(entry)
        journal("answered", intent=name, action=said.action, by=said.by, reason=said.reason)
        return entry

    def _entry(self, asked: Asked, said: Answer, request_id: str, now: int) -> dict[str, Any]:
        intent = asked.intent
        entry = {
            "time_ms": now * 1000,
            "intent": asked.intent_hash.hex(),
            "attempt": asked.attempt.hash.hex(),
            "request_id": request_id,
            "action": said.action,
            "by": said.by,
            "reason": said.reason,
            "user": intent.user,
            "source": intent.source.vault_account or "",
            "destination": intent.destination.address if intent.destination else "",
            "asset": intent.asset or "",
            "amount": str(intent.amount or 0),
            "moved": _moved(asked),
        }
        verdict = _VERDICTS.get(said.action)
        return entry if verdict is None else {**entry, **to_json(self._sign(asked, verdict, now))}

    def _sign(self, asked: Asked, verdict: str, now: int) -> SignedStatement:
        round = signing.next_round(asked.said, self.approver.id)
        return signing.sign(
            asked.charter, asked.intent_hash, self.approver, self.key, verdict,
            round=round, now=now, until=asked.intent.expires_at,
        )  # fmt: skip

    def _send(self, name: str, entry: Mapping[str, Any]) -> bool:
        """What is on record, as it was signed then; sending it twice changes nothing."""
        if "statement" not in entry:
            self._sent.add(name)
            return False
        signed = from_json({"statement": entry["statement"], "signature": entry["signature"]})
        signing.post(self.server, signed)
        self._sent.add(name)
        return True

    def _later(self, name: str) -> None:
        pause = min(LONGEST_PAUSE, 2 * self._again.get(name, (0.0, PAUSE / 2))[1])
        self._again[name] = (self.clock() + pause, pause)


def _moved(asked: Asked) -> list[dict[str, str]]:
    """What windows count once it is approved: everything that the bytes move, as signers count it."""
    subject = asked.subject
    found = subject.moved(subject.acts(subject.request()))
    return [{"destination": one.destination, "asset": one.asset, "amount": str(one.amount)} for one in found]


def journal(event: str, **fields: str) -> None:
    """One JSON line on stderr."""
    line = {"time_ms": time.time_ns() // 1_000_000, "program": "approver", "event": event, **fields}
    print(json.dumps(line), file=sys.stderr, flush=True)
