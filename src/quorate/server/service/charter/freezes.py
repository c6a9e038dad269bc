"""Freezes on their way through the signers: from the API, from each signer's own socket, to all of them, also
to those that come later. The server carries them and can make none.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from quorate.core.errors import QuorateError
from quorate.core.faults import point
from quorate.core.model.charter import SignedDocument
from quorate.core.model.freeze import Freeze, FreezeSet, verify
from quorate.core.model.records import UNFREEZE
from quorate.core.proto import link_pb2
from quorate.server import clock, faults
from quorate.server.book import CharterBook
from quorate.server.link.attached import AttachedSigner
from quorate.server.link.documents import from_link, to_link
from quorate.server.link.hub import Hub
from quorate.server.refusal import Refusal, from_message
from quorate.server.store import governance as store
from quorate.server.store.database import Database

WITHIN: Final = 5.0
"""Seconds an administrator waits for the signers' answers. Who answers later is shown later."""
log = logging.getLogger(__name__)


class Freezes:
    def __init__(self, book: CharterBook, hub: Hub, database: Database) -> None:
        self._book = book
        self._hub = hub
        self._database = database
        self.known = FreezeSet()
        self.documents: dict[str, SignedDocument] = {}
        self.refusals: dict[str, Refusal] = {}
        """The last refusal of each signer; empty while it takes what it is sent."""

    async def load(self) -> None:
        for document in await self._database.read(lambda c: store.documents(c, store.FREEZE)):
            self._hold(Freeze.from_bytes(document.body), document)
        for order in await self._database.read(lambda c: store.accepted_orders(c, UNFREEZE)):
            self.lift(order.freezes or ())

    async def submit(self, document: SignedDocument) -> tuple[Freeze, dict[str, link_pb2.Standing]]:
        """Stores the freeze, sends it to all attached signers and returns what each answered.

        Raises QuorateError: the codes of `freeze.verify`, freeze_lifted, freeze_conflict."""
        freeze = verify(document, self._book.charter)
        await self._keep(freeze, document)
        point(faults.FREEZE_STORED)
        signers = [signer.id for signer in self._hub.attached()]
        answers = await asyncio.gather(*(self.send(signer, document) for signer in signers))
        return freeze, dict(zip(signers, answers, strict=True))

    async def learn(self, message: link_pb2.SignedDocument) -> SignedDocument | None:
        """A freeze in force at a signer: None unless it is new here. Its author may have left since."""
        document = from_link(message)
        try:
            freeze = Freeze.from_bytes(document.body)
            if freeze.id in self.documents or freeze.id in self.known.lifted:
                return None
            self._verify_under_any(document)
            await self._keep(freeze, document)
        except QuorateError as failure:
            log.warning("a freeze was not taken: %s", failure)
            return None
        log.info("freeze %s of %s came from a signer", freeze.id, freeze.words)
        return document

    async def send(self, signer: str, document: SignedDocument) -> link_pb2.Standing:
        """What the signer answered; empty when it gave none, or refused."""
        request = link_pb2.Request(freeze=to_link(document))
        try:
            answer = await self._hub.ask(signer, request, WITHIN)
        except QuorateError as failure:
            log.warning("freeze: %s", failure)
            return link_pb2.Standing()
        if answer.WhichOneof("answer") == "refusal":
            self.refusals[signer] = from_message(signer, answer.refusal)
            return link_pb2.Standing()
        self.refusals.pop(signer, None)
        return answer.standing

    def lacking(self, signer: AttachedSigner) -> list[SignedDocument]:
        """Freezes in force here that the signer did not name when it came."""
        held = {message.body for message in signer.hello.freezes}
        return [
            self.documents[id]
            for id in self.known.in_force
            if id in self.documents and self.documents[id].body not in held
        ]

    def lift(self, ids: Iterable[str]) -> None:
        """A signer has carried out an order to lift these."""
        self.known = self.known.lift(ids)

    async def _keep(self, freeze: Freeze, document: SignedDocument) -> None:
        self.known.add(freeze)  # what it refuses is not stored
        now = clock.milliseconds()
        await self._database.write(lambda c: store.add_document(c, store.FREEZE, freeze.id, document, now))
        self._hold(freeze, document)

    def _hold(self, freeze: Freeze, document: SignedDocument) -> None:
        self.known = self.known.add(freeze)
        self.documents[freeze.id] = document

    def _verify_under_any(self, document: SignedDocument) -> None:
        """Raises QuorateError of the newest version."""
        for charter in self._book.chain[:-1]:
            try:
                verify(document, charter)
                return
            except QuorateError:
                continue
        verify(document, self._book.charter)
