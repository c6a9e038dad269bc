"""Who is attached, and what goes between them. Envelopes and peer answers are opaque here; order per pair
is kept."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from quorate.core.model.records import Signed
from quorate.core.proto import link_pb2
from quorate.server.book import CharterBook
from quorate.server.link.attached import AttachedSigner, unreachable
from quorate.server.link.tally_book import TallyBook
from quorate.server.link.watch import Done, Ended, Watch
from quorate.server.metrics import Metrics
from quorate.server.refusal import from_message

PROTOCOL = 1
log = logging.getLogger(__name__)


class CeremonySink(Protocol):
    """Takes what signers tell of ceremonies. Called from the stream's reader: returns at once."""

    def attached(self, signer: AttachedSigner) -> None: ...

    def certificate_part(self, signer: str, part: link_pb2.CertificatePart) -> None: ...

    def progress(self, signer: str, progress: link_pb2.CeremonyProgress) -> None: ...


class GovernanceSink(Protocol):
    """Takes what signers tell of freezes, charter versions, vetoes and documents. Returns at once."""

    def attached(self, signer: AttachedSigner) -> None: ...

    def standing(self, signer: str, standing: link_pb2.Standing) -> None: ...

    def freeze_of(self, signer: str, document: link_pb2.SignedDocument) -> None: ...

    def veto_of(self, signer: str, document: link_pb2.SignedDocument) -> None: ...

    def document_of(self, signer: str, document: link_pb2.Document) -> None: ...


class Hub:
    """The registry of attached signers and the relay between them."""

    def __init__(self, book: CharterBook, tally: TallyBook, metrics: Metrics) -> None:
        self.book = book
        self.tally = tally
        self.ceremonies: CeremonySink | None = None
        self.governance: GovernanceSink | None = None
        self.agrees: Callable[[str], bool] = lambda signer: True
        """Whether a signer says it knows the freezes that this server knows: votes must be equal in them."""
        self._metrics = metrics
        self._attached: dict[str, AttachedSigner] = {}
        self._watches: dict[bytes, Watch] = {}
        self._changed = asyncio.Event()

    # -- who is there

    def attach(self, signer: AttachedSigner) -> None:
        """Takes the place of an older stream of the same signer, welcomes it and tells the others."""
        older = self._attached.get(signer.id)
        if older is not None:
            self.detach(older)
        others = [other for other in self._attached.values() if not other.closed]
        self._attached[signer.id] = signer
        self.tally.forget(signer.id)
        count = self.tally.count(signer.id)
        welcome = link_pb2.Welcome(
            protocol=PROTOCOL, connected=[other.id for other in others], tally_count=count
        )
        signer.send(link_pb2.ToSigner(welcome=welcome))
        for other in others:
            other.send(link_pb2.ToSigner(peer_connected=link_pb2.PeerConnected(signer=signer.id)))
        log.info("%s attached, incarnation %d", signer.id, signer.hello.incarnation)
        if self.ceremonies is not None:
            self.ceremonies.attached(signer)
        if self.governance is not None:
            self.governance.attached(signer)
        self._notify()

    def detach(self, signer: AttachedSigner) -> None:
        signer.close()
        if self._attached.get(signer.id) is not signer:
            return
        del self._attached[signer.id]
        log.info("%s detached", signer.id)
        for watch in self._watches.values():
            watch.put(Ended(signer.id, None))
        self._notify()

    def attached(self) -> Sequence[AttachedSigner]:
        return tuple(self._attached.values())

    def get(self, signer: str) -> AttachedSigner | None:
        return self._attached.get(signer)

    def reachable(self) -> tuple[str, ...]:
        """Signers under the charter in force here."""
        here = self.book.charter.hash
        return tuple(s.id for s in self._attached.values() if s.hello.charter_hash == here and not s.closed)

    def ready(self) -> tuple[str, ...]:
        """Of the reachable ones, those that may vote."""
        return tuple(id for id in self.reachable() if self._attached[id].ready.may_vote)

    async def change(self, within: float) -> None:
        """Returns when somebody came, went or became ready, or after `within` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._changed.wait()

    def charter_changed(self) -> None:
        """Signers of an earlier version no longer count as reachable until they attach under the new one."""
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
        self._metrics.signers(len(self.reachable()), len(self.ready()))

    # -- asking

    async def ask(self, signer: str, request: link_pb2.Request, within: float) -> link_pb2.Answer:
        """Raises QuorateError signer_unreachable."""
        attached = self._attached.get(signer)
        if attached is None:
            raise unreachable(signer, "is not attached")
        return await attached.ask(request, within)

    def tell(self, signer: str, request: link_pb2.Request) -> None:
        """A request whose answer nobody waits for."""
        attached = self._attached.get(signer)
        if attached is not None:
            attached.send(link_pb2.ToSigner(request=request))

    @contextlib.contextmanager
    def watch(self, session_id: bytes, members: Sequence[str]) -> Iterator[Watch]:
        """Collects what the members say of a session while the block runs."""
        watch = self._watches[session_id] = Watch(members)
        try:
            yield watch
        finally:
            self._watches.pop(session_id, None)

    # -- what signers send

    def receive(self, signer: AttachedSigner, message: link_pb2.ToServer) -> None:
        """One message of an attached signer, in order."""
        kind = message.WhichOneof("message")
        if kind == "envelope":
            self._relay(signer, message.envelope)
        elif kind == "answer":
            self._answer(signer, message.answer)
        elif kind == "session_done":
            done = message.session_done
            self._tell_watch(done.session_id, Done(signer.id, done.result))
        elif kind == "session_dead":
            dead = message.session_dead
            self._tell_watch(dead.session_id, Ended(signer.id, from_message(signer.id, dead.reason)))
        elif kind == "peer_query":
            self._query(signer, message.peer_query)
        elif kind == "peer_answer":
            self._peer_answer(signer, message.peer_answer)
        elif kind == "ready":
            signer.ready = message.ready
            self._notify()
        elif kind == "certificate_part" and self.ceremonies is not None:
            self.ceremonies.certificate_part(signer.id, message.certificate_part)
        elif kind == "ceremony_progress" and self.ceremonies is not None:
            self.ceremonies.progress(signer.id, message.ceremony_progress)
        elif kind in ("standing", "freeze", "veto", "document") and self.governance is not None:
            self._tell_governance(self.governance, signer.id, kind, message)
        else:
            log.warning("%s sent %s, which has no meaning here", signer.id, kind)

    def _tell_governance(
        self, sink: GovernanceSink, signer: str, kind: str, message: link_pb2.ToServer
    ) -> None:
        if kind == "standing":
            sink.standing(signer, message.standing)
        elif kind == "freeze":
            sink.freeze_of(signer, message.freeze)
        elif kind == "document":
            sink.document_of(signer, message.document)
        else:
            sink.veto_of(signer, message.veto)

    def _answer(self, signer: AttachedSigner, answer: link_pb2.Answer) -> None:
        """Tally entries are taken here, in the order of the stream, before anybody acts on the vote."""
        if answer.WhichOneof("answer") == "opened":
            self.tally.append(
                signer.id, (Signed(entry.body, entry.signature) for entry in answer.opened.tally)
            )
        signer.answered(answer)

    def _tell_watch(self, session_id: bytes, event: Done | Ended) -> None:
        watch = self._watches.get(session_id)
        if watch is not None:
            watch.put(event)

    def _relay(self, sender: AttachedSigner, envelope: link_pb2.Envelope) -> None:
        recipient = self._attached.get(envelope.to)
        if recipient is None or getattr(envelope, "from") != sender.id:
            self._metrics.dropped_envelope()
            return
        recipient.send(link_pb2.ToSigner(envelope=envelope))

    def _query(self, asker: AttachedSigner, query: link_pb2.PeerQuery) -> None:
        if getattr(query, "from") != asker.id:
            return
        for other in self.attached():
            if other is not asker:
                other.send(link_pb2.ToSigner(peer_query=query))

    def _peer_answer(self, sender: AttachedSigner, answer: link_pb2.PeerAnswer) -> None:
        asker = self._attached.get(answer.about)
        if asker is not None and getattr(answer, "from") == sender.id:
            asker.send(link_pb2.ToSigner(peer_answer=answer))
