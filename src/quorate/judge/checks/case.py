"""The case that the checks of a session judge: the request, the bytes, and what this signer has on record.
Lazy where work is done.
"""

from dataclasses import dataclass
from functools import cached_property

from quorate.core.chains.effects import Effect
from quorate.core.chains.reading import Reading
from quorate.core.errors import QuorateError
from quorate.core.evidence import approval
from quorate.core.evidence.approval import Approval
from quorate.core.model.charter import Chain, Charter
from quorate.core.model.intent import RAW_FORMAT, Attempt, Intent, Item, format_for, items
from quorate.core.model.records import KeyCertificate
from quorate.core.policy import Decision, PolicyRequest, TallyLine, TallyView, decide, picture
from quorate.core.policy.act import Act
from quorate.core.policy.addresses import normal
from quorate.core.policy.match_values import SENDS
from quorate.core.policy.moved import Moved, windowed
from quorate.core.policy.subject import Subject
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store


@dataclass
class Case:
    """One intent and one set of bytes, at one moment of this signer's clock (Unix milliseconds)."""

    state: SignerState
    store: Store
    charter: Charter
    intent: Intent
    intent_hash: bytes
    attempt: Attempt
    now_ms: int
    log_problem: str
    approvals: tuple[Approval, ...] = ()
    earlier: tuple[Attempt, ...] = ()
    """Other bytes of this request that a signer is known to have voted for."""

    @cached_property
    def attempt_hash(self) -> bytes:
        return self.attempt.hash

    @property
    def is_transaction(self) -> bool:
        """Whether the bytes are a transaction of a chain, and not messages of the intent."""
        return self.attempt.format != RAW_FORMAT

    @cached_property
    def cancels(self) -> bool:
        """Whether the bytes pay nobody and take the place of others of this request."""
        if not self.earlier or not self.is_transaction or self.attempt.format != format_for(self.intent):
            return False
        try:
            return self.reading.cancels
        except QuorateError:
            return False  # a check says why

    @property
    def certificate(self) -> KeyCertificate | None:
        return self.state.certificates.get(self.intent.key)

    @cached_property
    def subject(self) -> Subject:
        """What anybody can say of the request and its bytes, without this signer's records."""
        return Subject(self.charter, self.intent, self.certificate, self.attempt, self.state.documents)

    @property
    def chain(self) -> Chain:
        """Raises QuorateError unknown_chain."""
        return self.subject.chain

    @property
    def reading(self) -> Reading:
        """Raises QuorateError of the chain's decoder; no_key."""
        return self.subject.reading

    def read(self, attempt: Attempt) -> Reading:
        """Other bytes of the request. Raises as `reading`."""
        return self.subject.read(attempt)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """All that the bytes or messages do; empty for RAW, which says nothing of itself.

        Raises QuorateError of the decoder; no_key; unknown_chain.
        """
        return self.subject.effects

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What is to be signed. Raises what the chain's decoder raises."""
        key = self.certificate
        root = (key.public_key, key.chain_code) if key else (b"", b"")
        return items(self.intent, self.attempt, root)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Documents that the charter pins for calls among the effects, and that are not here: in words."""
        return self.state.documents.lacking(self.intent.chain or "", self.effects)

    @cached_property
    def policy_request(self) -> PolicyRequest:
        """With the own accounts and paid addresses on record that anything among the effects is or
        resembles.
        """
        named, chain, on_record = (
            frozenset(picture.named(self.effects)),
            self.intent.chain,
            self.store.addresses,
        )
        recorded = {} if chain is None else on_record.own_like(chain, named)
        return self.subject.request(recorded, () if chain is None else on_record.paid_like(named))

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        return self.subject.acts(self.policy_request)

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """What is moved, and first what a window looks at: `counted_once` says that nothing else is. Bytes
        that take back move nothing, and make nobody known as paid.
        """
        if self.cancels:
            return (Moved("", self.intent.asset or "", 0),)
        found = self.subject.moved(self.acts)
        return tuple(sorted(found, key=lambda one: not windowed(self.charter.policy, one.asset)))

    @cached_property
    def decision(self) -> Decision:
        """By the policy of the charter in force and everything that is on record as let through."""
        policy, lines = self.charter.policy, list[TallyLine]()
        for asset in sorted({one.asset for one in self.moved}):
            longest = windowed(policy, asset)
            if longest:
                lines += self.store.tally.lines(asset, self.now_ms - 1000 * longest)
        return self._decide(lines)

    @cached_property
    def decision_without_tally(self) -> Decision:
        """As if no amount had been let through yet. Which destinations are known still counts."""
        return self._decide([])

    def _decide(self, lines: list[TallyLine]) -> Decision:
        evidence = approval.for_policy(self.charter, self.intent.user, self.approvals)
        view = TallyView(lines, *self._destination_use)
        return decide(self.charter.policy, self.policy_request, self.effects, evidence, view, self.now_ms)

    @cached_property
    def _destination_use(self) -> tuple[frozenset[str], dict[str, int]]:
        """Which destinations were used before this request, and since when one-time ones are known; asked
        for only where the policy looks at it, because the second is a durable record.
        """
        policy, tally, now = self.charter.policy, self.store.tally, self.now_ms
        sends = {act.to: act for act in self.acts if act.to is not None and act.operation in SENDS}
        used, known = frozenset[str](), dict[str, int]()
        if policy.looks_at("first_use_max_amount"):
            others = self.charter.n - self.charter.threshold + 1
            used = frozenset(normal(to) for to in sends if tally.was_used(to, self.intent_hash, others))
        if policy.new_destination_delay or policy.looks_at("new_destination_delay"):
            new = sorted(to for to, act in sends.items() if "one_time" in act.kinds)
            known = {normal(to): tally.first_asked(to, now) for to in new}
        return used, known
