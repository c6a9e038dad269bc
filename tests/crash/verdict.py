"""The rules of the issue, checked over everything a run left behind. Each function names the first requests
that break its rule.
"""

from collections import Counter
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from quorate.client.dev import commands
from tests.crash import evidence
from tests.crash.book import Book, Request
from tests.crash.client import FINAL
from tests.crash.evidence import Logs
from tests.crash.schedule import Killer
from tests.crash.site import Site

THRESHOLD: Final = 2
MOST: Final = 0.9
"""Crashes are to delay requests, not to fail them."""


def check(site: Site, book: Book, killer: Killer) -> None:
    """All rules, over a cluster that was stopped. Prints what was counted."""
    print(f"\nkills at random moments: {dict(killer.random_kills)}")
    ends = each_ends_once(site, book)
    print(f"{len(book.transfers())} transfers, {len(book.all)} requests: {dict(ends)}")
    failures = Counter(r.outcome.reason for r in book.all if r.outcome and r.outcome.status != "COMPLETED")
    print(f"failures: {dict(failures)}")
    print(f"RAW signatures: {raw_signatures_verify(book)}")
    print(f"log entries: {logs_verify(site)}")
    print(f"signatures with decision, release and result: {no_decision_is_lost(site, book)}")
    votes, signatures = no_nonce_is_used_twice(site)
    print(f"votes compared: {votes}, signatures: {signatures}, reused: 0")
    nobody_reports_a_bug(site)
    assert ends["COMPLETED"] >= MOST * len(book.all), ends


def each_ends_once(site: Site, book: Book) -> Counter[str]:
    """Exactly one mined transaction, or a terminal status with a reason and nothing mined."""
    mined = evidence.mined(site)
    broken: list[tuple[object, ...]] = []
    for request in book.transfers():
        outcome = request.outcome
        assert outcome is not None, f"{request.external_id} was not followed to its end"
        found = mined.get((request.sender.lower(), request.to.lower(), request.value), [])
        clear = outcome.status in FINAL and (outcome.status == "COMPLETED" or outcome.reason)
        if len(found) != (1 if outcome.status == "COMPLETED" else 0) or not clear:
            broken.append((request.external_id, outcome.status, outcome.reason, len(found)))
        elif found and found[0]["hash"] != outcome.row["txHash"]:
            broken.append((request.external_id, "another transaction was mined", found[0]["hash"]))
    assert not broken, broken[:5]
    ours = {request.sender.lower() for request in book.transfers()}
    known = sum(1 for r in book.transfers() if r.outcome and r.outcome.status == "COMPLETED")
    sent = sum(len(entries) for (sender, _, _), entries in mined.items() if sender in ours)
    assert sent == known, f"{sent} transactions left the accounts, {known} were asked for"
    return Counter(r.outcome.status for r in book.all if r.outcome)


def raw_signatures_verify(book: Book) -> int:
    """Each completed RAW request carries one signature that verifies; how many there are."""
    done = [r for r in book.all if not r.is_transfer and r.outcome and r.outcome.status == "COMPLETED"]
    for request in done:
        assert request.outcome is not None
        (signed,) = request.outcome.row["signedMessages"]
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed["publicKey"]))
        key.verify(bytes.fromhex(signed["signature"]["fullSig"]), request.message)
    return len(done)


def logs_verify(site: Site) -> dict[str, int]:
    """`quorate audit verify` over each signer's folder; the sizes."""
    sizes = {}
    for signer in site.signers:
        report = commands.verdict(
            "audit", "verify", signer.folder / "audit", "--charter", site.layout.charter
        )
        assert report["outcome"] == "valid", report
        sizes[signer.name] = int(report["size"])
    return sizes


def no_decision_is_lost(site: Site, book: Book) -> int:
    """Every signature that left has decision, release and result in the logs; how many there are."""
    logs = evidence.logs(site)
    completed = [r for r in book.all if r.outcome and r.outcome.status == "COMPLETED"]
    broken = [problem for request in completed for problem in _lost(logs, request)]
    assert not broken, broken[:5]
    _no_vote_is_lost(site, logs)
    return len(completed)


def _lost(logs: Logs, request: Request) -> list[tuple[object, ...]]:
    """What the logs lack about one completed request."""
    assert request.outcome is not None
    intents = logs.intents(request.external_id)
    signed = [intent for intent in intents if logs.about(intent, "result")]
    if len(signed) != 1:
        return [(request.external_id, "intents with a result", len(signed), "of", len(intents))]
    decided = {e.signer for e in logs.about(signed[0], "decision") if e.data["verdict"] == "allow"}
    released = logs.about(signed[0], "release")
    problems: list[tuple[object, ...]] = []
    by_session = Counter(entry.data["session"] for entry in released)
    if max(by_session.values(), default=0) != THRESHOLD:
        problems.append((request.external_id, "releases", dict(by_session)))
    if not {entry.signer for entry in released} <= decided:
        problems.append((request.external_id, "released without a decision"))
    attempts = {e.data["attempt"] for e in released} | {
        e.data["attempt"] for e in logs.about(signed[0], "result")
    }
    if len(attempts) != 1:
        problems.append((request.external_id, "attempts", attempts))
    return problems


def _no_vote_is_lost(site: Site, logs: Logs) -> None:
    """What the server was given, the voter has on disk, and its log tells of it."""
    own = evidence.own_votes(site)
    for vote in evidence.votes_handed_out(site):
        assert vote in own[vote.voter], f"{vote.voter} forgot its vote in {vote.session_id.hex()}"
    for name, votes in own.items():
        told = {entry.data["session"] for entry in logs.of[name] if entry.event == "vote"}
        missing = {vote.session_id.hex() for vote in votes} - told
        assert not missing, f"the log of {name} lacks votes: {sorted(missing)[:3]}"


def no_nonce_is_used_twice(site: Site) -> tuple[int, int]:
    """Reuse count 0; how many votes and how many signatures were compared."""
    own = [vote for votes in evidence.own_votes(site).values() for vote in votes]
    votes = own + evidence.votes_handed_out(site)
    assert not evidence.reused_randomness(votes)
    assert not evidence.two_votes_in_a_session(votes)
    made = evidence.signatures(site)
    assert not evidence.reused_points(made)
    return len({vote.to_bytes() for vote in votes}), len(made)


def nobody_reports_a_bug(site: Site) -> None:
    """Programs say so themselves when something happened that should not."""
    marks = ('"event":"bug"', '"event": "bug"', "Traceback", "unexpected", "keeper_broken", "record_failed",
             "repeated_r", "_mismatch", "rolled_back")  # fmt: skip
    found: list[Any] = []
    for program in site.programs:
        for line in program.log.read_text(errors="replace").splitlines():
            if any(mark in line for mark in marks):
                found.append((program.name, line[:400]))
    assert not found, found[:5]
