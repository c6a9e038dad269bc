"""What is in force at this signer and what waits, as the server and the operator are told."""

from quorate.core.proto import link_pb2
from quorate.judge.outbox import Outbox
from quorate.judge.store.proposals import Proposal
from quorate.judge.store.store import Store


class Standing:
    """Its acknowledgement is the keeper's own word; the versions that wait are the judge's."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox

    def message(self) -> link_pb2.Standing:
        signed = self._store.charters.acknowledgement()
        acknowledgement = link_pb2.Signed(body=signed.body, signature=signed.signature) if signed else None
        return link_pb2.Standing(acknowledgement=acknowledgement, pending=self.pending())

    def pending(self) -> list[link_pb2.Pending]:
        return [
            link_pb2.Pending(version=p.version, charter=p.hash, due_ms=p.due_ms, vetoed=self._vetoed(p))
            for p in self._store.proposals.all()
        ]

    def pending_json(self) -> list[dict[str, object]]:
        """For the operator; `vetoed_by` is null or an administrator."""
        return [
            {
                "version": proposal.version,
                "hash": proposal.hash.hex(),
                "first_seen_ms": proposal.first_seen_ms,
                "due_ms": proposal.due_ms,
                "vetoed_by": self._store.vetoes.by(proposal.hash),
            }
            for proposal in self._store.proposals.all()
        ]

    def changed(self) -> None:
        """Tells the server, where it is connected."""
        self._outbox(link_pb2.ToServer(standing=self.message()))

    def _vetoed(self, proposal: Proposal) -> bool:
        return self._store.vetoes.by(proposal.hash) is not None
