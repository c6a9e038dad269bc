"""Documents by which calls of contracts are read: from anybody, believed by their hash alone
(docs/spec/document.md).

One is taken when a charter version in force or on its way pins exactly these bytes and it can be read for
that contract. It counts where the version in force pins it, from that version on.
"""

from quorate.core.chains.evm.knowledge import documents
from quorate.core.model.charter import Annotation, Charter, parse
from quorate.core.proto import link_pb2
from quorate.judge.clock import Clock
from quorate.judge.journal import Journal
from quorate.judge.log import Log
from quorate.judge.outbox import Outbox
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store


class Annotating:
    def __init__(
        self, state: SignerState, store: Store, log: Log, clock: Clock, outbox: Outbox, journal: Journal
    ) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._clock = clock
        self._outbox = outbox
        self._journal = journal

    def take(self, content: bytes) -> tuple[Annotation, ...]:
        """The places it was pinned for. Durable with the current group. The same again changes nothing.

        Raises QuorateError: no_charter, and the codes of `documents.accepted`.
        """
        pins = documents.accepted((self._state.require_charter(), *self._waiting()), content)
        hash, now = documents.digest(content), self._clock()
        with self._store.db.unit():
            if not self._store.documents.add(hash, content, now):
                return pins
            contracts = [{"chain": pin.chain, "contract": pin.contract} for pin in pins]
            self._log.append("document", {"hash": hash.hex(), "contracts": contracts}, now)
        refresh(self._state, self._store)
        self._journal("document_taken", hash=hash.hex(), contracts=len(pins))
        self._outbox(link_pb2.ToServer(document=link_pb2.Document(content=content)))
        return pins

    def held(self) -> link_pb2.Documents:
        """What need not be sent again."""
        return link_pb2.Documents(held=self._store.documents.hashes())

    def _waiting(self) -> tuple[Charter, ...]:
        return tuple(parse(proposal.document.body) for proposal in self._store.proposals.all())


def refresh(state: SignerState, store: Store) -> None:
    """After another charter version, or another document."""
    charter = state.charter
    if charter is not None:
        state.documents = documents.of_charter(charter, store.documents.find)
