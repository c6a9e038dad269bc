"""What each signer said last of what is in force at it, and what waits there. Their signatures are kept:
others, and people, verify them.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.charter import Charter
from quorate.core.model.freeze import FreezeState
from quorate.core.model.records import Acknowledgement, Signed, verify_signed
from quorate.core.proto import link_pb2
from quorate.server.book import CharterBook
from quorate.server.store import governance as store
from quorate.server.store.database import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """An acknowledgement, verified."""

    signed: Signed
    content: Acknowledgement


class Standings:
    """By signer. `proposed` are versions that are not in force here and may be at a signer."""

    def __init__(self, book: CharterBook, database: Database) -> None:
        self._book = book
        self._database = database
        self._said: dict[str, Said] = {}
        self._pending: dict[str, Sequence[link_pb2.Pending]] = {}

    async def load(self) -> None:
        for signer, signed in (await self._database.read(store.get_acknowledgements)).items():
            try:
                self._said[signer] = self._verified(signer, signed, ())
            except QuorateError as failure:
                log.warning("the acknowledgement of %s on file: %s", signer, failure)

    async def take(
        self,
        signer: str,
        signed: link_pb2.Signed,
        pending: Iterable[link_pb2.Pending],
        proposed: Sequence[Charter],
    ) -> bool:
        """False for one that does not verify, which is not kept."""
        self._pending[signer] = tuple(pending)
        try:
            said = self._verified(signer, Signed(signed.body, signed.signature), proposed)
        except QuorateError as failure:
            log.warning("an acknowledgement of %s was not taken: %s", signer, failure)
            return False
        if self._said.get(signer) != said:
            self._said[signer] = said
            await self._database.write(lambda c: store.set_acknowledgement(c, signer, said.signed))
        return True

    def said(self, signer: str) -> Said | None:
        return self._said.get(signer)

    def pending(self, signer: str) -> Sequence[link_pb2.Pending]:
        return self._pending.get(signer, ())

    def knowing(self, freezes: FreezeState) -> list[str]:
        """The signers at which exactly these freezes are in force."""
        state = (freezes.count, freezes.hash)
        return [
            signer.id
            for signer in self._book.charter.signers
            if (said := self._said.get(signer.id)) is not None
            and (said.content.freeze_count, said.content.freeze_hash) == state
        ]

    def under(self, charters: Iterable[bytes]) -> dict[str, Said]:
        """The signers that acknowledged a version of these hashes last."""
        wanted = set(charters)
        return {signer: said for signer, said in self._said.items() if said.content.charter in wanted}

    def _verified(self, signer: str, signed: Signed, proposed: Sequence[Charter]) -> Said:
        """By the vote key that the version it names gives the signer, or the one in force here does."""
        content = Acknowledgement.from_bytes(signed.body)
        versions = {charter.hash: charter for charter in (*self._book.chain, *proposed)}
        entry = versions.get(content.charter, self._book.charter).signer(signer)
        if entry is None or content.signer != signer or content.cluster != self._book.charter.cluster:
            raise QuorateError("acknowledgement", "it is of another signer or cluster", "peer")
        verify_signed(labels.ACKNOWLEDGEMENT, signed, entry.vote_key)
        return Said(signed, content)
