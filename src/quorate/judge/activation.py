"""Putting a charter version in force: verified here, decided by the keeper, recorded, acknowledged. What
loosens waits first (`proposals`).
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Final

from quorate.core import faults
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter, SignedDocument, load_chain, parse, verify_chain, verify_next
from quorate.core.model.records import Signed
from quorate.core.proto import keeper_pb2
from quorate.judge import isolation
from quorate.judge.annotating import refresh
from quorate.judge.clock import Clock
from quorate.judge.documents import to_keeper
from quorate.judge.journal import Journal
from quorate.judge.keeper_client import KeeperClient
from quorate.judge.log import Log
from quorate.judge.proposals import Proposals, Version
from quorate.judge.start_rule import StartRule
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at what waits."""


class Activation:
    def __init__(
        self,
        state: SignerState,
        store: Store,
        log: Log,
        keeper: KeeperClient,
        clock: Clock,
        start: StartRule,
        proposals: Proposals,
        journal: Journal,
    ) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._keeper = keeper
        self._clock = clock
        self._start = start
        self._proposals = proposals
        self._journal = journal
        self._one_at_a_time = asyncio.Lock()
        self._refused: set[bytes] = set()
        self.on_change: Callable[[], None] = lambda: None
        """Called when another version is in force."""

    async def activate(self, chain: object, operator_hash: str | None) -> Charter:
        """The version in force afterwards; what has to wait is on file when this returns. `chain` is the file
        form, parsed; `operator_hash` (hex) is what the operator entered, needed for version 1 only.

        Raises QuorateError: the codes of verify_chain, operator_hash, isolation, charter_conflict (with what
        is in force), charter_vetoed, proposal_limit, and the keeper's.
        """
        documents = load_chain(json.dumps(chain).encode())
        async with self._one_at_a_time:
            charters = verify_chain(documents, root_hash=self._root(operator_hash))
            isolation.require(self._state.isolation, charters[-1])
            self._check_continues(charters)
            before = len(self._state.charters)
            following = list(zip(charters, documents, strict=True))[before:]
            if before == 0:
                await self._accept(*following.pop(0), self._entered(operator_hash))
            await self._go_on(following, ())
            if before == 0:
                await self._in_force()
        return self._state.require_charter()

    async def propose(self, documents: Sequence[SignedDocument], acknowledged: Sequence[Signed]) -> None:
        """Versions that the server brings, in order, with others' acknowledgements of them; those that are in
        force here already are passed over. Raises as `activate`.
        """
        async with self._one_at_a_time:
            last, following = self._state.require_charter(), list[Version]()
            for document in documents:
                if self._is_in_force(document):
                    continue
                last = verify_next(last, document)
                following.append((last, document))
            await self._go_on(following, acknowledged)
        await self._store.db.durable()

    async def run(self) -> None:
        """Takes what has waited long enough, for as long as the judge runs."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._state.charters:
                await self.take_due()

    async def take_due(self) -> None:
        async with self._one_at_a_time:
            while ready := [p for p in self._proposals.ready() if p.hash not in self._refused]:
                proposal = ready[0]
                try:
                    charter = verify_next(self._state.require_charter(), proposal.document)
                    await self._go_on([(charter, proposal.document)], ())
                except QuorateError as error:
                    self._refused.add(proposal.hash)
                    self._journal("charter_refused", hash=proposal.hash.hex(), code=error.code)

    async def _go_on(self, following: Sequence[Version], acknowledged: Sequence[Signed]) -> None:
        """Accepts one version after the other, up to the first that has to wait."""
        before = self._state.require_charter()
        accepted = False
        try:
            for at, (charter, document) in enumerate(following):
                if not self._proposals.may_take(before, following[at:], acknowledged):
                    self._proposals.note(before, following[at:])
                    await self._store.db.durable()
                    break
                await self._accept(charter, document, b"")
                before, accepted = charter, True
        finally:
            if accepted:
                await self._in_force()

    async def _in_force(self) -> None:
        await self._start.refresh()
        self.on_change()

    def _is_in_force(self, document: SignedDocument) -> bool:
        """Raises QuorateError charter_conflict for another version of the same number."""
        charter = parse(document.body)
        if charter.version > len(self._state.charters):
            return False
        if self._state.charters[charter.version - 1].hash != charter.hash:
            raise QuorateError(
                "charter_conflict", f"another version {charter.version} is in force here", "state"
            )
        return True

    def _root(self, operator_hash: str | None) -> bytes | None:
        """What version 1 must hash to: the version in force says so, or the operator."""
        if self._state.charters:
            return self._state.charters[0].hash
        return self._entered(operator_hash)

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
        refresh(self._state, self._store)
        self._journal("charter_accepted", version=charter.version, hash=charter.hash.hex(), mode=charter.mode)

    def _record(
        self, charter: Charter, document: SignedDocument, accepted: keeper_pb2.CharterAccepted
    ) -> None:
        if accepted.hash != charter.hash:
            raise QuorateError("keeper_broken", "the keeper accepted another charter", "bug")
        acknowledgement = Signed(accepted.acknowledgement.body, accepted.acknowledgement.signature)
        self._store.charters.add(charter.version, charter.hash, document, acknowledgement)
        self._store.proposals.drop_up_to(charter.version)
        data = {"version": charter.version, "charter": charter.hash.hex(), "mode": charter.mode}
        self._log.append("charter", data, self._clock(), cluster=charter.cluster)
        faults.point("judge.charter.before_commit")
