"""What is left after a run, read from where it counts: the chain, the signers' audit logs and databases, and
the server's database for what it was handed.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quorate.core.audit import folder
from quorate.core.audit.events import Event
from quorate.core.model.vote import Vote
from quorate.core.proto import link_pb2
from tests.crash.site import Site

Payment = tuple[str, str, int]
"""Sender, recipient, wei."""


def mined(site: Site) -> dict[Payment, list[dict[str, Any]]]:
    """All transactions of all blocks."""
    found: dict[Payment, list[dict[str, Any]]] = defaultdict(list)
    for height in range(int(site.chain.call("eth_blockNumber"), 16) + 1):
        for entry in site.chain.call("eth_getBlockByNumber", hex(height), True)["transactions"]:
            recipient = str(entry["to"]).lower()
            found[(str(entry["from"]).lower(), recipient, int(entry["value"], 16))].append(entry)
    return found


# ---- the signers' logs


@dataclass(frozen=True)
class Logs:
    """The entries of every signer's audit log, each list in its order."""

    of: dict[str, list[Event]]

    def intents(self, external_id: str) -> set[str]:
        """What was admitted under an externalTxId; more than one when the earlier ones were rejected."""
        return {
            str(event.data["intent"])
            for events in self.of.values()
            for event in events
            if event.event == "admission" and event.data["external_id"] == external_id
        }

    def about(self, intent: str, event: str) -> list[Event]:
        return [
            entry
            for events in self.of.values()
            for entry in events
            if entry.event == event and entry.data.get("intent") == intent
        ]


def logs(site: Site) -> Logs:
    return Logs({signer.name: list(_entries(signer.folder / "audit")) for signer in site.signers})


def _entries(audit: Path) -> Iterator[Event]:
    size = int((audit / "checkpoint").read_bytes().split(b"\n")[1])
    yield from map(Event.from_leaf, folder.entries(lambda name: _content(audit / name), size))


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


# ---- votes and signatures


def _rows(database: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def own_votes(site: Site) -> dict[str, list[Vote]]:
    """Signer -> the votes on its disk."""
    return {
        signer.name: [
            Vote.from_bytes(body)
            for (body,) in _rows(signer.folder / "judge.sqlite", "SELECT vote FROM sessions")
        ]
        for signer in site.signers
    }


def votes_handed_out(site: Site) -> list[Vote]:
    """The votes that the server was given."""
    rows = _rows(site.server.folder / "server.sqlite", "SELECT votes FROM sessions")
    return [Vote.from_bytes(bytes.fromhex(v["body"])) for (text,) in rows for v in json.loads(text).values()]


def reused_randomness(votes: list[Vote]) -> list[bytes]:
    """32-byte parts (ECDSA contribution; FROST hiding and binding) that stand in more than one vote or twice
    in one. The same vote from two places counts once.
    """
    seen: Counter[bytes] = Counter()
    for body in {vote.to_bytes() for vote in votes}:
        for drawn in Vote.from_bytes(body).randomness:
            seen.update(drawn[at : at + 32] for at in range(0, len(drawn), 32))
    return [part for part, count in seen.items() if count > 1]


def two_votes_in_a_session(votes: list[Vote]) -> list[tuple[str, bytes]]:
    """A voter that said two things in one session would give two nonces for one."""
    said: dict[tuple[str, bytes], set[bytes]] = defaultdict(set)
    for vote in votes:
        said[(vote.voter, vote.session_id)].add(vote.to_bytes())
    return [session for session, bodies in said.items() if len(bodies) > 1]


@dataclass(frozen=True)
class Signed:
    """A finished signature on a signer's disk."""

    signer: str
    intent: str
    session: bytes
    signature: bytes


def signatures(site: Site) -> list[Signed]:
    sql = "SELECT intent_hash, session_id, result FROM results"
    return [
        Signed(signer.name, intent.hex(), session, item.signature)
        for signer in site.signers
        for intent, session, result in _rows(signer.folder / "judge.sqlite", sql)
        for item in link_pb2.Result.FromString(result).items
    ]


def reused_points(made: list[Signed]) -> list[bytes]:
    """R that stands in the signatures of two sessions: two equations for one nonce."""
    sessions: dict[bytes, set[bytes]] = defaultdict(set)
    for signed in made:
        sessions[signed.signature[:32]].add(signed.session)
    return [r for r, of in sessions.items() if len(of) > 1]
