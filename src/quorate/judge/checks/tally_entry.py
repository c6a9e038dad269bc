"""Checks on a tally entry of another signer before it is stored, and counted."""

from quorate.core.checks import Failed, check
from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.charter import Charter
from quorate.core.model.records import Head, Signed, TallyEntry, verify_signed


@check("tally_signature", "missing_evidence")
def tally_signature(charter: Charter, entry: TallyEntry, signed: Signed) -> None:
    """By its owner's vote key: entries come through the server, who may not make any."""
    owner = charter.signer(entry.signer)
    if owner is None or entry.cluster != charter.cluster:
        raise Failed(f"{entry.signer} is not a signer of this cluster's charter")
    try:
        verify_signed(labels.TALLY, signed, owner.vote_key)
    except QuorateError:
        raise Failed(f"{entry.signer} did not sign entry {entry.count}") from None


@check("tally_missing", "missing_evidence")
def tally_follows(entry: TallyEntry, known: Head) -> None:
    """No gap: what lies between would not be counted."""
    if entry.count != known.count + 1:
        raise Failed(f"{entry.signer}: entry {entry.count} came, entry {known.count + 1} is the next one")


@check("tally_fork", "missing_evidence")
def tally_continues(entry: TallyEntry, known: Head) -> None:
    if entry.previous_head != known.head:
        raise Failed(f"{entry.signer}: entry {entry.count} does not follow the entry known before it")


@check("tally_fork", "missing_evidence")
def tally_repeats(entry: TallyEntry, known_head: bytes | None) -> None:
    """An entry at a place that is known must be the known one."""
    if entry.head != known_head:
        raise Failed(f"{entry.signer} has two different entries {entry.count}")
