"""Own tally entries that a restored copy lacks come back from the server: nobody else can sign them."""

import asyncio
from collections.abc import Sequence

from quorate.core.model.charter import Charter
from quorate.core.model.records import Head, Signed, TallyEntry
from quorate.core.proto import keeper_pb2
from quorate.judge.checks import tally_entry as checks
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store
from quorate.judge.tally_book import parse_entry


class OwnTally:
    """The keeper takes entries only after an order readmitted this signer: then the copy was old."""

    def __init__(self, state: SignerState, store: Store, keeper: KeeperClient) -> None:
        self._state = state
        self._store = store
        self._keeper = keeper
        self._one_at_a_time = asyncio.Lock()

    async def adopt(self, charter: Charter, entries: Sequence[Signed]) -> None:
        """Moves the own head to the last of `entries`; does nothing when none is newer.

        Raises Refused: tally_form, tally_signature, tally_missing, tally_fork; QuorateError with the keeper's
        code where this signer was not readmitted.
        """
        async with self._one_at_a_time:
            missing = self._missing(charter, entries)
            if missing:
                await self._adopt(missing)

    async def _adopt(self, missing: Sequence[tuple[TallyEntry, Signed]]) -> None:
        request = keeper_pb2.AdoptTally(
            entries=[keeper_pb2.Signed(body=signed.body, signature=signed.signature) for _, signed in missing]
        )
        await self._keeper.ask(
            keeper_pb2.ToKeeper(adopt_tally=request), record=lambda _: self._record(missing)
        )

    def _missing(self, charter: Charter, entries: Sequence[Signed]) -> list[tuple[TallyEntry, Signed]]:
        """The newer ones, each verified and in its place."""
        head = self._store.tally.head(self._state.id)
        missing: list[tuple[TallyEntry, Signed]] = []
        for signed in entries:
            entry = parse_entry(signed)
            if entry.signer != self._state.id or entry.count <= head.count:
                continue
            checks.tally_signature(charter, entry, signed)
            checks.tally_follows(entry, head)
            checks.tally_continues(entry, head)
            missing.append((entry, signed))
            head = Head(entry.signer, entry.count, entry.head)
        return missing

    def _record(self, missing: Sequence[tuple[TallyEntry, Signed]]) -> None:
        for entry, signed in missing:
            self._store.tally.adopt_own(entry, signed)
