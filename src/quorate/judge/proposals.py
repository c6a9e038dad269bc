"""Charter versions on their way into force: what loosens waits for the timelock, what an administrator vetoed
never comes (docs/spec/charter.md, "Timelock and veto").

The wait is counted from this signer's own first sight, which is on disk before anybody is told. It ends early
when t other signers have acknowledged that version, or one that follows it: those can sign under it without
this one, and waiting protects nothing.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

from quorate.core import faults
from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.charter import Charter, SignedDocument
from quorate.core.model.charter.diff import changes
from quorate.core.model.records import Acknowledgement, Signed, verify_signed
from quorate.core.model.veto import Veto, verify
from quorate.core.proto import link_pb2
from quorate.judge.clock import Clock
from quorate.judge.documents import to_link
from quorate.judge.journal import Journal
from quorate.judge.log import Log
from quorate.judge.outbox import Outbox
from quorate.judge.standing import Standing
from quorate.judge.state import SignerState
from quorate.judge.store.proposals import Proposal
from quorate.judge.store.store import Store

Version: TypeAlias = tuple[Charter, SignedDocument]

MAX_WAITING: Final = 64
MAX_VETOES: Final = 256
"""By one administrator."""
_MAX_WORDS: Final = 32
_LONGEST: Final = 200
"""Changes named in a log leaf, and characters of each."""


class Proposals:
    def __init__(
        self,
        state: SignerState,
        store: Store,
        log: Log,
        clock: Clock,
        outbox: Outbox,
        standing: Standing,
        journal: Journal,
    ) -> None:
        self._state = state
        self._store = store
        self._log = log
        self._clock = clock
        self._outbox = outbox
        self._standing = standing
        self._journal = journal

    def may_take(self, before: Charter, following: Sequence[Version], acknowledged: Sequence[Signed]) -> bool:
        """Whether the first of `following`, which continue `before`, may come into force now.

        Raises QuorateError charter_vetoed.
        """
        charter = following[0][0]
        if self._is_effective(following, acknowledged):
            return True
        vetoed_by = self._store.vetoes.by(charter.hash)
        if vetoed_by is not None:
            raise QuorateError(
                "charter_vetoed",
                f"administrator {vetoed_by} vetoed version {charter.version}, hash {charter.hash.hex()}",
                "caller",
                "agree with them, and propose another version",
            )
        if not before.timelock or not _loosening(before, charter):
            return True
        due = next((p.due_ms for p in self._store.proposals.all() if p.hash == charter.hash), None)
        return due is not None and self._clock() >= due

    def note(self, before: Charter, following: Sequence[Version]) -> None:
        """Puts versions that may not be taken yet on file; the first sight of one stands. Raises QuorateError
        proposal_limit.
        """
        now = self._clock()
        new = False
        with self._store.db.unit():
            for charter, document in following:
                new |= self._note(before, charter, document, now)
                before = charter
            faults.point("judge.proposal.before_commit")
        if new:
            self._standing.changed()

    def ready(self) -> tuple[Proposal, ...]:
        """Those that follow the version in force, have waited, and were not vetoed."""
        current, now = self._state.require_charter(), self._clock()
        return tuple(
            proposal
            for proposal in self._store.proposals.all()
            if (proposal.version, proposal.previous) == (current.version + 1, current.hash)
            and proposal.due_ms <= now
            and self._store.vetoes.by(proposal.hash) is None
        )

    def veto(self, document: SignedDocument) -> Veto:
        """Durable with the current group. Raises QuorateError: the codes of `veto.verify`, veto_late,
        veto_limit.
        """
        veto = verify(document, self._state.require_charter())
        if any(charter.hash == veto.charter for charter in self._state.charters):
            raise QuorateError(
                "veto_late", "that version is in force at this signer", "state", "propose another version"
            )
        if self._store.vetoes.by(veto.charter) is not None:
            return veto
        if self._store.vetoes.count(veto.by) >= MAX_VETOES:
            raise QuorateError("veto_limit", f"{veto.by} has vetoed {MAX_VETOES} versions", "caller")
        now = self._clock()
        with self._store.db.unit():
            self._store.vetoes.add(veto.charter, veto.by, document, now)
            self._log.append("charter_vetoed", {"charter": veto.charter.hex(), "by": veto.by}, now)
            faults.point("judge.veto.before_commit")
        self._journal("charter_vetoed", charter=veto.charter.hex(), by=veto.by)
        self._outbox(link_pb2.ToServer(veto=to_link(document)))
        self._standing.changed()
        return veto

    def _note(self, before: Charter, charter: Charter, document: SignedDocument, now: int) -> bool:
        loosening = _loosening(before, charter)
        due = now + 1000 * before.timelock if loosening else now
        proposal = Proposal(charter.hash, charter.version, before.hash, document, now, due)
        if not self._store.proposals.add(proposal):
            return False
        if len(self._store.proposals.all()) > MAX_WAITING:
            raise QuorateError("proposal_limit", f"{MAX_WAITING} charter versions wait here already", "state")
        data = {
            "version": charter.version,
            "charter": charter.hash.hex(),
            "due_ms": due,
            "loosens": [words[:_LONGEST] for words in loosening[:_MAX_WORDS]],
        }
        self._log.append("charter_proposed", data, now)
        self._journal("charter_proposed", version=charter.version, hash=charter.hash.hex(), due_ms=due)
        return True

    def _is_effective(self, following: Sequence[Version], acknowledged: Sequence[Signed]) -> bool:
        current = self._state.charter
        if current is None:
            return False
        hashes = {charter.hash for charter, _ in following}
        signers = {_acknowledges(current, signed, hashes) for signed in acknowledged[: current.n]}
        return len(signers - {"", self._state.id}) >= current.threshold


def _loosening(before: Charter, charter: Charter) -> list[str]:
    return [change.words for change in changes(before, charter) if change.loosens]


def _acknowledges(current: Charter, signed: Signed, hashes: set[bytes]) -> str:
    """The signer that says so, by the vote key that the version in force here gives it; empty for anything
    else.
    """
    try:
        said = Acknowledgement.from_bytes(signed.body)
        signer = current.signer(said.signer)
        if signer is None or said.cluster != current.cluster or said.charter not in hashes:
            return ""
        verify_signed(labels.ACKNOWLEDGEMENT, signed, signer.vote_key)
    except QuorateError:
        return ""
    return signer.id
