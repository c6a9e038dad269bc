"""Charter versions and vetoes on their way through the signers. The server carries what a quorum signed to
each of them, follows when n - t + 1 have acknowledged it, and brings those that were away after.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model.charter import Charter, SignedDocument, parse, verify_next
from quorate.core.model.veto import Veto, verify
from quorate.core.proto import link_pb2
from quorate.server import clock, faults
from quorate.server.book import CharterBook
from quorate.server.link.attached import AttachedSigner
from quorate.server.link.documents import signed_to_link, to_link
from quorate.server.service.charter.standings import Standings
from quorate.server.store import governance as store
from quorate.server.store.database import Database

log = logging.getLogger(__name__)


class CharterChanges:
    def __init__(self, book: CharterBook, database: Database, standings: Standings) -> None:
        self._book = book
        self._database = database
        self._standings = standings
        self.proposed: dict[bytes, tuple[Charter, SignedDocument]] = {}
        self.vetoes: dict[bytes, tuple[Veto, SignedDocument]] = {}
        self.on_adopted: Callable[[], None] = lambda: None
        """Called when another version is in force here."""

    @property
    def charters(self) -> list[Charter]:
        return [charter for charter, _ in self.proposed.values()]

    async def load(self) -> None:
        documents = await self._database.read(lambda c: store.documents(c, store.CHARTER))
        for document in sorted(documents, key=lambda each: parse(each.body).version):
            try:
                charter = verify_next(self._before(parse(document.body)), document)
            except QuorateError as failure:
                log.warning("a proposal on file: %s", failure)
                continue
            self.proposed[charter.hash] = (charter, document)
        for document in await self._database.read(lambda c: store.documents(c, store.VETO)):
            veto = Veto.from_bytes(document.body)
            self.vetoes[veto.charter] = (veto, document)

    async def submit(self, documents: Sequence[SignedDocument]) -> list[Charter]:
        """Stores the versions that are new here, each signed by a quorum of the one before. Returns them.

        Raises QuorateError: the codes of verify_next, charter_fork."""
        added: list[Charter] = []
        known = {charter.hash for charter in self._book.chain}
        for document in documents:
            charter = parse(document.body)
            if charter.hash in known or charter.hash in self.proposed:
                continue
            charter = verify_next(self._before(charter), document)
            await self._store(store.CHARTER, charter.hash, document)
            point(faults.PROPOSAL_STORED)
            self.proposed[charter.hash] = (charter, document)
            added.append(charter)
        return added

    async def veto(self, document: SignedDocument) -> Veto:
        """Raises QuorateError: the codes of `veto.verify`."""
        veto = verify(document, self._book.charter)
        if veto.charter not in self.vetoes:
            await self._store(store.VETO, veto.charter, document)
            self.vetoes[veto.charter] = (veto, document)
        return veto

    def messages(self, signer: AttachedSigner) -> list[link_pb2.Request]:
        """What a signer lacks, judged by the version it named when it came: vetoes first, then what a quorum
        signed, with the acknowledgements that end its wait.
        """
        vetoes = [link_pb2.Request(veto=to_link(document)) for _, document in self.vetoes.values()]
        chains = [self._missed(signer.hello.charter_version), *self._tips()]
        return vetoes + [self._proposal(chain) for chain in chains if chain]

    async def follow(self) -> bool:
        """Puts in force here what n - t + 1 signers have acknowledged. True when there was something."""
        followed = False
        while (chain := self._effective()) is not None:
            last = chain[-1][0]
            self._book.extend([document for _, document in chain])
            followed = True
            done = [hash for hash, (charter, _) in self.proposed.items() if charter.version <= last.version]
            for hash in done:
                del self.proposed[hash]
            ids = [hash.hex() for hash in done]
            await self._database.write(partial(store.drop_documents, kind=store.CHARTER, ids=ids))
        if followed:
            self.on_adopted()
        return followed

    def _effective(self) -> list[tuple[Charter, SignedDocument]] | None:
        """The versions up to the first proposed one that enough signers have acknowledged."""
        return next((self._chain(hash) for hash in self.proposed if self.is_effective(hash)), None)

    def is_effective(self, hash: bytes) -> bool:
        """Whether n - t + 1 signers have acknowledged that version, or one that follows it."""
        charter = self._book.charter
        later = {other for other in self.proposed if hash in {c.hash for c, _ in self._chain(other)}}
        return len(self._standings.under(later)) >= charter.n - charter.threshold + 1

    def _missed(self, version: int) -> list[SignedDocument]:
        """Versions in force here that a signer at `version` has not accepted."""
        return list(self._book.documents[version:]) if version else []

    def _tips(self) -> list[list[SignedDocument]]:
        """For each proposal that no other builds on: it, and those below it, from the version in force here.
        What was vetoed is not sent.
        """
        below = {charter.previous for charter, _ in self.proposed.values()}
        chains = [self._chain(hash) for hash in self.proposed if hash not in below]
        alive = [chain for chain in chains if not any(charter.hash in self.vetoes for charter, _ in chain)]
        return [[document for _, document in chain] for chain in alive]

    def _chain(self, hash: bytes) -> list[tuple[Charter, SignedDocument]]:
        chain: list[tuple[Charter, SignedDocument]] = []
        while hash in self.proposed:
            chain.insert(0, self.proposed[hash])
            hash = chain[0][0].previous or b""
        return chain

    def _proposal(self, documents: Sequence[SignedDocument]) -> link_pb2.Request:
        hashes = [parse(document.body).hash for document in documents]
        said = self._standings.under(hashes).values()
        return link_pb2.Request(
            proposal=link_pb2.Proposal(
                versions=[to_link(document) for document in documents],
                acknowledgements=[signed_to_link(each.signed) for each in said],
            )
        )

    def _before(self, charter: Charter) -> Charter:
        """Raises QuorateError charter_fork."""
        if charter.previous in self.proposed:
            return self.proposed[charter.previous][0]
        if charter.previous == self._book.charter.hash:
            return self._book.charter
        raise QuorateError(
            "charter_fork",
            f"version {charter.version} does not follow the version in force here, "
            f"which is {self._book.charter.version}",
            "caller",
            "compare with GET /quorate/v1/charter",
        )

    async def _store(self, kind: str, hash: bytes, document: SignedDocument) -> None:
        now = clock.milliseconds()
        await self._database.write(lambda c: store.add_document(c, kind, hash.hex(), document, now))
