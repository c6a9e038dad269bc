"""What an honest server remembers of tally entries: each signer's, in order, and how far each other one has
them.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

from quorate.core.model.records import TallyEntry, Vote
from quorate.core.proto import link_pb2 as pb


class TallyBook:
    def __init__(self) -> None:
        self._entries: dict[str, dict[int, pb.Signed]] = defaultdict(dict)
        self._acknowledged: dict[tuple[str, str], int] = defaultdict(int)

    def learn(self, owner: str, entries: Iterable[pb.Signed]) -> None:
        for signed in entries:
            self._entries[owner][TallyEntry.from_bytes(signed.body).count] = signed

    def entry(self, owner: str, count: int) -> pb.Signed:
        return self._entries[owner][count]

    def last(self, owner: str) -> int:
        return max(self._entries[owner], default=0)

    def lacking(self, recipient: str) -> list[pb.Signed]:
        """Every entry of the others that `recipient` has not confirmed, without gaps."""
        missing: list[pb.Signed] = []
        for owner in sorted(self._entries):
            count = self._acknowledged[recipient, owner] + 1
            while owner != recipient and count in self._entries[owner]:
                missing.append(self._entries[owner][count])
                count += 1
        return missing

    def acknowledge(self, recipient: str, entries: Iterable[pb.Signed]) -> None:
        """`recipient` accepted them all."""
        for signed in entries:
            entry = TallyEntry.from_bytes(signed.body)
            key = recipient, entry.signer
            self._acknowledged[key] = max(self._acknowledged[key], entry.count)

    async def wait_for(self, votes: Sequence[pb.Signed], seconds: float = 5.0) -> None:
        """Answers of sessions that were opened at once may cross; returns when all that the votes name is
        here.
        """
        heads = [head for vote in votes for head in Vote.from_bytes(vote.body).heads]
        async with asyncio.timeout(seconds):
            while any(count not in self._entries[h.signer] for h in heads for count in range(1, h.count + 1)):
                await asyncio.sleep(0.005)
