"""Freezes: verified here, decided by the keeper, recorded, acknowledged (docs/spec/freeze.md)."""

from quorate.core import faults
from quorate.core.model.charter import SignedDocument
from quorate.core.model.freeze import Freeze, verify
from quorate.core.model.records import Order, Signed
from quorate.core.proto import keeper_pb2, link_pb2
from quorate.judge.clock import Clock
from quorate.judge.documents import to_keeper, to_link
from quorate.judge.journal import Journal
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.log import Log
from quorate.judge.outbox import Outbox
from quorate.judge.standing import Standing
from quorate.judge.start_rule import StartRule
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store


class Freezing:
    def __init__(
        self,
        state: SignerState,
        store: Store,
        log: Log,
        keeper: KeeperClient,
        clock: Clock,
        start: StartRule,
        outbox: Outbox,
        standing: Standing,
        journal: Journal,
    ) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._keeper = keeper
        self._clock = clock
        self._start = start
        self._outbox = outbox
        self._standing = standing
        self._journal = journal

    async def freeze(self, document: SignedDocument) -> Freeze:
        """In force when this returns. The same again changes nothing, whoever is an administrator now.

        Raises QuorateError: the codes of `freeze.verify`, freeze_lifted, freeze_conflict, and the keeper's.
        """
        charter = self._state.require_charter()
        freeze = Freeze.from_bytes(document.body)
        if self._state.freezes.holds(freeze):
            return freeze
        verify(document, charter)
        self._state.freezes.add(freeze)  # what it refuses, the keeper is not asked
        await self._keeper.ask(
            keeper_pb2.ToKeeper(freeze=keeper_pb2.Freeze(freeze=to_keeper(document))),
            record=lambda reply: self._record_freeze(freeze, document, reply.acknowledged),
        )
        faults.point("judge.freeze.after_commit")
        self._state.freezes = self._store.freezes.known()
        self._journal("frozen", what=freeze.words, by=freeze.by, id=freeze.id)
        self._outbox(link_pb2.ToServer(freeze=to_link(document)))
        await self._changed()
        return freeze

    async def lift(self, order: Order, document: SignedDocument) -> None:
        """Raises QuorateError with the keeper's check of the order."""
        ids = order.freezes or ()
        await self._keeper.ask(
            keeper_pb2.ToKeeper(order=keeper_pb2.Order(order=to_keeper(document), time_ms=self._clock())),
            record=lambda reply: self._record_lifting(order, ids, reply.acknowledged),
        )
        faults.point("judge.unfreeze.after_commit")
        self._state.freezes = self._store.freezes.known()
        self._journal("unfrozen", order=order.id, freezes=len(ids))
        await self._changed()

    async def _changed(self) -> None:
        """A signer that was behind in freezes may have caught up."""
        self._standing.changed()
        if not self._state.start.may_vote:
            await self._start.refresh()

    def _record_freeze(
        self, freeze: Freeze, document: SignedDocument, acknowledged: keeper_pb2.Acknowledged
    ) -> None:
        now = self._clock()
        self._acknowledge(acknowledged)
        if self._store.freezes.add(freeze.id, document, now):
            data = {"id": freeze.id, "scope": freeze.scope, "subject": freeze.subject, "by": freeze.by}
            self._log.append("freeze", data, now)
        faults.point("judge.freeze.before_commit")

    def _record_lifting(
        self, order: Order, ids: tuple[str, ...], acknowledged: keeper_pb2.Acknowledged
    ) -> None:
        now = self._clock()
        self._store.freezes.lift(ids, now)
        self._acknowledge(acknowledged)
        self._log.append("unfreeze", {"order": order.id, "freezes": list(ids)}, now)
        faults.point("judge.unfreeze.before_commit")

    def _acknowledge(self, acknowledged: keeper_pb2.Acknowledged) -> None:
        signed = acknowledged.acknowledgement
        self._store.charters.acknowledge(Signed(signed.body, signed.signature))
