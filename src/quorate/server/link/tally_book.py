"""Every signer's tally entries, kept for the signers that lack them."""

import logging
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.model import canonical, labels
from quorate.core.model.records import Signed, TallyEntry, verify_signed
from quorate.core.model.tally import NO_HEAD
from quorate.server.book import CharterBook
from quorate.server.store import tally
from quorate.server.store.database import Database

RECENT: Final = 4096
"""Entries of a signer held in memory; older ones are read from the database."""
LARGEST_ANSWER: Final = 10_000
UNASKED: Final = 500
"""Entries of each signer sent to one of which nothing is known."""
MAX_STORED: Final = (1 << 63) - 1
"""Signers take no entry whose count or time is larger: their databases could not hold it."""

log = logging.getLogger(__name__)


class TallyBook:
    """Appends what arrives in order, without a gap. The database follows a little later: what a crash loses
    of it, the signers send again, because `count` is what Welcome tells them."""

    def __init__(self, database: Database, charters: CharterBook) -> None:
        self._database = database
        self._charters = charters
        self._counts: dict[str, int] = {}
        self._heads: dict[str, bytes] = {}
        self._known: dict[str, Mapping[str, int]] = {}
        self._unasked: defaultdict[str, int] = defaultdict(lambda: UNASKED)
        self._recent: defaultdict[str, deque[Signed]] = defaultdict(lambda: deque(maxlen=RECENT))

    async def load(self) -> None:
        """The durable state, at start."""
        self._counts = await self._database.read(tally.counts)
        for signer, count in self._counts.items():
            newest = await self._between(signer, max(0, count - RECENT), count)
            self._recent[signer].extend(newest)
            self._heads[signer] = canonical.digest(labels.TALLY, newest[-1].body)

    def count(self, signer: str) -> int:
        return self._counts.get(signer, 0)

    def append(self, signer: str, entries: Iterable[Signed]) -> None:
        """Takes a signer's own entries. What does not continue its chain is left out: its peers will name
        the fork. So is what they could never accept: every session would bring it to them again."""
        first = self.count(signer) + 1
        taken: list[Signed] = []
        for entry in entries:
            if not self._continues(signer, entry):
                break
            self._counts[signer] = self.count(signer) + 1
            self._heads[signer] = canonical.digest(labels.TALLY, entry.body)
            self._recent[signer].append(entry)
            taken.append(entry)
        if taken:
            self._database.write_later(lambda connection: tally.add(connection, signer, first, taken))

    def _continues(self, signer: str, signed: Signed) -> bool:
        try:
            entry = TallyEntry.from_bytes(signed.body)
        except QuorateError as failure:
            log.warning("%s sent a malformed tally entry: %s", signer, failure)
            return False
        expected = (signer, self.count(signer) + 1, self._heads.get(signer, NO_HEAD))
        if (entry.signer, entry.count, entry.previous_head) != expected:
            log.warning(
                "%s sent tally entry %d, expected is %d of its own chain", signer, entry.count, expected[1]
            )
            return False
        return self._is_acceptable(entry, signed)

    def _is_acceptable(self, entry: TallyEntry, signed: Signed) -> bool:
        """Whether other signers can take it: from its signer's vote key, of this cluster, within range."""
        charter = self._charters.charter
        owner = charter.signer(entry.signer)
        try:
            if owner is None or entry.cluster != charter.cluster:
                raise QuorateError("tally_signature", "not of a signer of this cluster", "peer")
            if max(entry.count, entry.time_ms) > MAX_STORED:
                raise QuorateError("tally_form", "counts and times are below 2^63", "peer")
            verify_signed(labels.TALLY, signed, owner.vote_key)
        except QuorateError as failure:
            log.warning("tally entry %d of %s is left out: %s", entry.count, entry.signer, failure)
            return False
        return True

    def counts(self) -> Mapping[str, int]:
        """Signer -> number of its entries held here now."""
        return dict(self._counts)

    def learn(self, signer: str, known: Mapping[str, int]) -> None:
        """`signer` knows so many entries of each: its vote says so, or it took what it was sent."""
        before = self._known.get(signer, {})
        self._known[signer] = {id: max(count, before.get(id, 0)) for id, count in known.items()}

    def forget(self, signer: str) -> None:
        """At every attach: it may have been restored from an older copy."""
        self._known.pop(signer, None)
        self._unasked[signer] = UNASKED

    def widen(self, signer: str) -> None:
        """It refused for want of entries: more of them are sent next time."""
        self._known.pop(signer, None)
        self._unasked[signer] = min(LARGEST_ANSWER, 8 * self._unasked[signer])

    async def lacking(self, recipient: str) -> list[Signed]:
        """The entries that `recipient` is not known to have, its own included: one that was
        restored from an old copy takes them back. Of a signer that has not voted since it attached
        nothing is known: then the newest ones."""
        known = self._known.get(recipient)
        found: list[Signed] = []
        for signer, count in self._counts.items():
            after = max(0, count - self._unasked[recipient]) if known is None else known.get(signer, 0)
            if after < count:
                found += await self._between(signer, after, count)
        return found[:LARGEST_ANSWER]

    async def _between(self, signer: str, after: int, last: int) -> Sequence[Signed]:
        recent = self._recent[signer]
        oldest = self.count(signer) - len(recent)
        if recent and after >= oldest:
            return list(recent)[after - oldest : last - oldest]
        return await self._database.read(lambda connection: tally.between(connection, signer, after, last))
