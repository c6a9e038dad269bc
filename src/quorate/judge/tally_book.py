"""Learning what other signers let through: their signed entries, each appended after every check."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from quorate.core.errors import QuorateError, Refused
from quorate.core.model.charter import Charter
from quorate.core.model.records import Signed, TallyEntry
from quorate.judge.checks import tally_entry as checks
from quorate.judge.clock import Clock
from quorate.judge.store.store import Store
from quorate.judge.store.tally import MAX_COUNT

MAX_ENTRIES: Final = 20_000


class TallyBook:
    """Entries come through the server, so each is believed only by its owner's vote key and its place in the
    chain.
    """

    def __init__(self, store: Store, me: str, clock: Clock) -> None:
        self._store = store
        self._me = me
        self._clock = clock

    def learn(self, charter: Charter, entries: Sequence[Signed]) -> int:
        """Stores what is new, in the current group, and returns how many that were. All or nothing.

        Raises Refused: tally_form, tally_signature, tally_fork (two histories of one signer), tally_missing
        (a gap).
        """
        if len(entries) > MAX_ENTRIES:
            raise _form(f"more than {MAX_ENTRIES} entries at once")
        if not entries:
            return 0
        with self._store.db.unit():
            return sum(self._learn_one(charter, signed) for signed in entries)

    def _learn_one(self, charter: Charter, signed: Signed) -> bool:
        entry = parse_entry(signed)
        if entry.signer == self._me:
            return False  # on file, or a matter for OwnTally
        known = self._store.tally.head(entry.signer)
        if entry.count <= known.count:
            checks.tally_repeats(entry, self._store.tally.head_at(entry.signer, entry.count))
            return False
        checks.tally_signature(charter, entry, signed)
        checks.tally_follows(entry, known)
        checks.tally_continues(entry, known)
        self._store.tally.add(entry, signed, self._clock() + 1000 * charter.skew)
        return True


def parse_entry(signed: Signed) -> TallyEntry:
    """Raises Refused tally_form."""
    try:
        entry = _parse(signed.body)
    except QuorateError as error:
        raise _form(error.message) from None
    if max(entry.count, entry.time_ms) > MAX_COUNT:
        raise _form("counts and times are below 2^63")
    return entry


@lru_cache(maxsize=4096)
def _parse(body: bytes) -> TallyEntry:
    """The server sends an entry again and again until it knows that this signer has it."""
    return TallyEntry.from_bytes(body)


def _form(message: str) -> Refused:
    return Refused("tally_form", message, reason_class="missing_evidence", whose="peer")
