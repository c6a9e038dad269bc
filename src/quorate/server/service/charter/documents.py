"""Documents that charter versions pin, on their way to signers and to people's own tools. Whoever gets one
compares its hash with the charter: the server can withhold it, and nothing else.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from quorate.core.chains.evm.knowledge.documents import accepted, digest
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Annotation, Charter
from quorate.core.proto import link_pb2
from quorate.server import clock
from quorate.server.book import CharterBook
from quorate.server.link.attached import AttachedSigner
from quorate.server.link.hub import Hub
from quorate.server.service.charter.charter_changes import CharterChanges
from quorate.server.store import documents as store
from quorate.server.store.database import Database

WITHIN: Final = 5.0
"""Seconds that signers get for their answer. Who answers later is shown later."""
HELD: Final = "held"
log = logging.getLogger(__name__)


class Documents:
    def __init__(self, book: CharterBook, hub: Hub, database: Database, changes: CharterChanges) -> None:
        self._book = book
        self._hub = hub
        self._database = database
        self._changes = changes
        self._content: dict[bytes, bytes] = {}
        self._held: dict[str, frozenset[bytes]] = {}

    async def load(self) -> None:
        self._content = await self._database.read(store.all_of)

    def find(self, hash: bytes) -> bytes | None:
        return self._content.get(hash)

    def holders(self, hash: bytes) -> list[str]:
        """Signers that said so last."""
        return sorted(signer for signer, held in self._held.items() if hash in held)

    async def submit(self, content: bytes) -> tuple[tuple[Annotation, ...], dict[str, str]]:
        """Where it is pinned, and what each attached signer said: `held`, or why not.

        Raises QuorateError: the codes of `documents.accepted`.
        """
        pins = await self._keep(content)
        signers = self._hub.attached()
        answers = await asyncio.gather(*(self._send(signer, content) for signer in signers))
        return pins, {signer.id: answer for signer, answer in zip(signers, answers, strict=True)}

    async def learn(self, signer: str, content: bytes) -> None:
        """One that a signer was given through its own socket: for the others too."""
        self._held[signer] = self._held.get(signer, frozenset()) | {digest(content)}
        if digest(content) in self._content:
            return
        try:
            await self._keep(content)
        except QuorateError as failure:
            log.warning("a document of %s was not taken: %s", signer, failure)
            return
        others = [other for other in self._hub.attached() if other.id != signer]
        await asyncio.gather(*(self._send(other, content) for other in others))

    async def bring(self, signer: AttachedSigner) -> None:
        """What is pinned and here, and the signer has not. An older release takes none, and a vetoed version
        pins nothing at any signer.
        """
        alive = [charter for charter in self._versions() if charter.hash not in self._changes.vetoes]
        for hash in dict.fromkeys(pin.hash for charter in alive for pin in charter.annotations):
            content = self._content.get(hash)
            if content is not None and hash not in self._held.get(signer.id, frozenset()):
                await self._send(signer, content)

    def attached(self, signer: AttachedSigner) -> None:
        self._held[signer.id] = frozenset(signer.hello.documents.held)

    async def _send(self, signer: AttachedSigner, content: bytes) -> str:
        if not signer.hello.HasField("documents"):
            return "its release takes no documents"
        request = link_pb2.Request(document=link_pb2.Document(content=content))
        try:
            answer = await self._hub.ask(signer.id, request, WITHIN)
        except QuorateError as failure:
            return failure.message
        if answer.WhichOneof("answer") == "refusal":
            log.warning("a document: %s refused: %s", signer.id, answer.refusal.check)
            return f"{answer.refusal.check}: {answer.refusal.message}"
        self._held[signer.id] = frozenset(answer.documents.held)
        return HELD

    async def _keep(self, content: bytes) -> tuple[Annotation, ...]:
        pins = accepted(self._versions(), content)
        hash, now = digest(content), clock.milliseconds()
        await self._database.write(lambda c: store.add(c, hash, content, now))
        self._content[hash] = content
        return pins

    def _versions(self) -> Sequence[Charter]:
        return (self._book.charter, *self._changes.charters)
