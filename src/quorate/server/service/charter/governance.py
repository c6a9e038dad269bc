"""Freezes, charter changes, vetoes and documents, between administrators and signers."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter, SignedDocument
from quorate.core.model.freeze import Freeze
from quorate.core.model.veto import Veto
from quorate.core.proto import link_pb2
from quorate.server.link.attached import AttachedSigner
from quorate.server.link.documents import from_link
from quorate.server.link.hub import Hub
from quorate.server.service.charter.charter_changes import CharterChanges
from quorate.server.service.charter.documents import Documents
from quorate.server.service.charter.freezes import WITHIN, Freezes
from quorate.server.service.charter.standings import Standings

LOOK_AGAIN: Final = 0.1
log = logging.getLogger(__name__)


class Governance:
    """Also the hub's sink for what signers say of these things."""

    def __init__(
        self,
        hub: Hub,
        standings: Standings,
        freezes: Freezes,
        changes: CharterChanges,
        documents: Documents,
    ) -> None:
        self._hub = hub
        self.standings = standings
        self.freezes = freezes
        self.changes = changes
        self.documents = documents
        self._tasks: set[asyncio.Task[None]] = set()
        hub.governance, hub.agrees = self, self._agrees

    async def load(self) -> None:
        await self.changes.load()
        await self.standings.load()
        await self.freezes.load()
        await self.documents.load()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _agrees(self, signer: str) -> bool:
        said, known = self.standings.said(signer), self.freezes.known.state
        if said is None:
            return True
        return (said.content.freeze_count, said.content.freeze_hash) == (known.count, known.hash)

    # -- what administrators send

    async def freeze(self, document: SignedDocument) -> Freeze:
        """Raises as `Freezes.submit`."""
        freeze, answers = await self.freezes.submit(document)
        for signer, answer in answers.items():
            await self._take(signer, answer)
        return freeze

    async def propose(self, documents: Sequence[SignedDocument]) -> list[Charter]:
        """Returns when the attached signers have said what they make of it, or after some seconds. Raises as
        `CharterChanges.submit`.
        """
        added = await self.changes.submit(documents)
        signers = self._hub.attached()
        await asyncio.gather(*(self._send_changes(signer) for signer in signers))
        until = asyncio.get_running_loop().time() + WITHIN
        while added and not self._is_settled(added[-1].hash, [signer.id for signer in signers]):
            if asyncio.get_running_loop().time() > until:
                break
            await self._hub.change(LOOK_AGAIN)  # a signer that accepts a version dials again under it
        return added

    async def veto(self, document: SignedDocument) -> Veto:
        """Raises as `CharterChanges.veto`."""
        veto = await self.changes.veto(document)
        await asyncio.gather(*(self._send_changes(signer) for signer in self._hub.attached()))
        return veto

    # -- what signers send (GovernanceSink)

    def attached(self, signer: AttachedSigner) -> None:
        self.documents.attached(signer)
        self._spawn(self._bring_up_to_date(signer))

    def standing(self, signer: str, standing: link_pb2.Standing) -> None:
        self._spawn(self._take(signer, standing))

    def freeze_of(self, signer: str, document: link_pb2.SignedDocument) -> None:
        self._spawn(self._learn_freeze(signer, document))

    def veto_of(self, signer: str, document: link_pb2.SignedDocument) -> None:
        self._spawn(self._learn_veto(from_link(document)))

    def document_of(self, signer: str, document: link_pb2.Document) -> None:
        self._spawn(self.documents.learn(signer, document.content))

    async def _bring_up_to_date(self, signer: AttachedSigner) -> None:
        hello = signer.hello
        standing = link_pb2.Standing(acknowledgement=hello.acknowledgement, pending=hello.pending)
        await self._take(signer.id, standing)
        for message in hello.freezes:
            await self._learn_freeze(signer.id, message)
        for document in self.freezes.lacking(signer):
            await self._take(signer.id, await self.freezes.send(signer.id, document))
        await self._send_changes(signer)

    async def _send_changes(self, signer: AttachedSigner) -> None:
        for request in self.changes.messages(signer):
            try:
                answer = await self._hub.ask(signer.id, request, WITHIN)
            except QuorateError as failure:
                log.warning("charter change: %s", failure)
                return
            if answer.WhichOneof("answer") == "refusal":
                log.warning("charter change: %s refused: %s", signer.id, answer.refusal.check)
            await self._take(signer.id, answer.standing)
        await self.documents.bring(signer)

    async def _learn_freeze(self, signer: str, message: link_pb2.SignedDocument) -> None:
        document = await self.freezes.learn(message)
        if document is None:
            return
        for other in self._hub.attached():
            if other.id != signer:
                await self._take(other.id, await self.freezes.send(other.id, document))

    async def _learn_veto(self, document: SignedDocument) -> None:
        try:
            if Veto.from_bytes(document.body).charter not in self.changes.vetoes:
                await self.veto(document)
        except QuorateError as failure:
            log.warning("a veto was not taken: %s", failure)

    def _is_settled(self, hash: bytes, signers: Sequence[str]) -> bool:
        """In force here, or every one of these signers waits or has accepted it and they are too few."""
        if hash not in self.changes.proposed:
            return True
        accepted = self.standings.under([hash])
        waiting = [s for s in signers if any(p.charter == hash for p in self.standings.pending(s))]
        return set(signers) <= {*accepted, *waiting} and not self.changes.is_effective(hash)

    async def _take(self, signer: str, standing: link_pb2.Standing) -> None:
        if not standing.HasField("acknowledgement"):
            return
        proposed = self.changes.charters
        await self.standings.take(signer, standing.acknowledgement, standing.pending, proposed)
        if await self.changes.follow():
            for other in self._hub.attached():
                self._spawn(self._send_changes(other))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
