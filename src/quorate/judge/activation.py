"""Putting a charter version in force: verified here, decided by the keeper, recorded, acknowledged."""

import json
from collections.abc import Callable, Sequence

from quorate.core import faults
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter, SignedDocument, load_chain, verify_chain
from quorate.core.model.records import Signed
from quorate.core.proto import keeper_pb2
from quorate.judge import isolation
from quorate.judge.clock import Clock
from quorate.judge.journal import Journal
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.log import Log
from quorate.judge.start_rule import StartRule
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store


class Activation:
    def __init__(
        self,
        state: SignerState,
        store: Store,
        log: Log,
        keeper: KeeperClient,
        clock: Clock,
        start: StartRule,
        journal: Journal,
    ) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._keeper = keeper
        self._clock = clock
        self._start = start
        self._journal = journal
        self.on_change: Callable[[], None] = lambda: None
        """Called when another version is in force."""

    async def activate(self, chain: object, operator_hash: str | None) -> Charter:
        """`chain` is the file form, parsed; `operator_hash` (hex) is what the operator entered, needed for
        version 1 only.

        Raises QuorateError: the codes of verify_chain, operator_hash, isolation, charter_conflict (with what
        is in force), and the keeper's.
        """
        documents = load_chain(json.dumps(chain).encode())
        charters = verify_chain(documents, root_hash=self._root(operator_hash))
        isolation.require(self._state.isolation, charters[-1])
        self._check_continues(charters)
        before = len(self._state.charters)
        for charter, document in zip(charters[before:], documents[before:], strict=True):
            await self._accept(charter, document, self._operator_hash(charter, operator_hash))
        if len(charters) > before:
            await self._start.refresh()
            self.on_change()
        return self._state.require_charter()

    def _root(self, operator_hash: str | None) -> bytes | None:
        """What version 1 must hash to: the version in force says so, or the operator."""
        if self._state.charters:
            return self._state.charters[0].hash
        return self._entered(operator_hash)

    def _operator_hash(self, charter: Charter, operator_hash: str | None) -> bytes:
        return self._entered(operator_hash) if charter.version == 1 else b""

    def _entered(self, operator_hash: str | None) -> bytes:
        try:
            entered = bytes.fromhex(operator_hash or "")
        except ValueError:
            entered = b""
        if len(entered) != 32:
            raise QuorateError(
                "operator_hash",
                "the first charter is accepted only with its hash, entered by the operator",
                "caller",
                "compare it with what `quorate charter show` prints on the administrators' machines",
            )
        return entered

    def _check_continues(self, charters: Sequence[Charter]) -> None:
        known = [charter.hash for charter in self._state.charters]
        given = [charter.hash for charter in charters[: len(known)]]
        if given != known[: len(given)]:
            raise QuorateError("charter_conflict", "the chain is not the one in force at this signer")
        if len(charters) < len(known):
            raise QuorateError(
                "charter_conflict", f"version {len(known)} is in force here; versions only rise", "caller"
            )

    async def _accept(self, charter: Charter, document: SignedDocument, operator_hash: bytes) -> None:
        await self._keeper.ask(
            keeper_pb2.ToKeeper(
                accept_charter=keeper_pb2.AcceptCharter(
                    charter=to_keeper(document), operator_hash=operator_hash
                )
            ),
            record=lambda reply: self._record(charter, document, reply.charter_accepted),
        )
        faults.point("judge.charter.after_commit")
        self._state.charters = (*self._state.charters, charter)
        self._journal("charter_accepted", version=charter.version, hash=charter.hash.hex(), mode=charter.mode)

    def _record(
        self, charter: Charter, document: SignedDocument, accepted: keeper_pb2.CharterAccepted
    ) -> None:
        if accepted.hash != charter.hash:
            raise QuorateError("keeper_broken", "the keeper accepted another charter", "bug")
        acknowledgement = Signed(accepted.acknowledgement.body, accepted.acknowledgement.signature)
        self._store.charters.add(charter.version, charter.hash, document, acknowledgement)
        data = {"version": charter.version, "charter": charter.hash.hex(), "mode": charter.mode}
        self._log.append("charter", data, self._clock(), cluster=charter.cluster)
        faults.point("judge.charter.before_commit")


def to_keeper(document: SignedDocument) -> keeper_pb2.SignedDocument:
    signatures = [keeper_pb2.SshSignature(administrator=id, armor=armor) for id, armor in document.signatures]
    return keeper_pb2.SignedDocument(body=document.body, signatures=signatures)
