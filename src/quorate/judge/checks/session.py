"""Checks on the session as such: is this signer ready, is the request, and are these the members?"""

from collections.abc import Sequence

from quorate.core.checks import Failed, check
from quorate.core.model.canonical import MAX_INTEGER
from quorate.judge.checks.case import Case

CLOCK_FACT = "latest_vote_ms"


@check("log_unwritable", "unavailable")
def log_writable(case: Case) -> None:
    """Nothing is signed that could not be shown to have been signed."""
    if case.log_problem:
        raise Failed(f"the audit log cannot be written: {case.log_problem}", "see to the disk of this signer")


@check("repeated_r", "prohibited")
def sentinel_quiet(case: Case) -> None:
    """Once two signatures shared an R, this signer stays silent until its operator has looked."""
    if case.store.facts.integer("repeated_r"):
        raise Failed(
            "a signature repeated the R of another one; this signer has stopped signing",
            "treat the key as compromised",
        )


@check("charter_current", "expired")
def charter_current(case: Case) -> None:
    """The intent was mapped, and is judged, by the version in force."""
    if case.intent.charter != case.charter.hash or case.intent.cluster != case.charter.cluster:
        raise Failed(f"the request is not of charter version {case.charter.version}, which is in force")


@check("expired", "expired")
def not_expired(case: Case) -> None:
    if case.now_ms >= 1000 * case.intent.expires_at:
        raise Failed("the request's lifetime is over", "send the request again")


@check("clock_stepped_back", "unavailable")
def clock_steady(case: Case) -> None:
    """Windows and lifetimes are measured by this clock: one that went back would let through twice."""
    latest = case.store.facts.integer(CLOCK_FACT)
    if case.now_ms < latest:
        raise Failed(
            f"the clock is {latest - case.now_ms} ms behind this signer's last vote",
            "see to the clock of this signer",
        )


@check("session_number", "replay")
def session_number(case: Case, number: int) -> None:
    """Higher than any this signer voted for on the same intent, and one that fits every reader."""
    if not 1 <= number <= MAX_INTEGER:
        raise Failed("a session number is from 1 to 2^53 - 1")
    highest = case.store.sessions.highest_number(case.intent_hash)
    if highest is not None and number <= highest:
        raise Failed(f"session {number} of this request is not above {highest}, which this signer voted in")


@check("members", "unauthorised")
def members(case: Case, named: Sequence[str]) -> None:
    """Exactly t signers of the charter, in order of index, this one among them."""
    order = [signer.id for signer in case.charter.signers if signer.id in named]
    if list(named) != order or len(order) != case.charter.threshold:
        raise Failed(
            f"the members must be {case.charter.threshold} signers of the charter, in its order, each once"
        )
    if case.state.id not in order:
        raise Failed(f"{case.state.id} is not among the members")


@check("key_certified", "unavailable")
def key_certified(case: Case) -> None:
    if case.certificate is None:
        raise Failed(f"key {case.intent.key} has no certificate by all signers", "run: quorate key create")
