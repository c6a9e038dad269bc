"""The case that the checks of a session judge: the request, the bytes, and what this signer has on record.
Lazy where work is done.
"""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from quorate.core.chains import addresses, hd, readers
from quorate.core.chains.effects import Effect
from quorate.core.chains.evm.item import EVM_TX, decode_item
from quorate.core.chains.reading import Reading, View
from quorate.core.errors import QuorateError
from quorate.core.evidence import approval
from quorate.core.evidence.approval import Approval
from quorate.core.model.charter import Chain, Charter
from quorate.core.model.intent import RAW, RAW_FORMAT, Attempt, Intent, Item, format_for, items
from quorate.core.model.records import KeyCertificate
from quorate.core.policy import Decision, PolicyRequest, TallyLine, TallyView, decide, from_intent
from quorate.core.policy.act import Act
from quorate.core.policy.acts import acts_of
from quorate.core.policy.addresses import normal
from quorate.core.policy.compiled import compiled
from quorate.core.policy.match_values import SENDS
from quorate.core.policy.prohibitions import World
from quorate.judge.checks import picture
from quorate.judge.checks.moved import Moved, moved, windowed
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
    def reading(self) -> Reading:
        """Raises QuorateError of the chain's decoder; no_key."""
        return self.read(self.attempt)

    def read(self, attempt: Attempt) -> Reading:
        """Raises as `reading`."""
        if self.certificate is None:
            raise _no_key(self.intent.key)
        account = self.intent.source.vault_account or ""
        view = View(self.chain, self.certificate, account, self.sender, self.charter.assets)
        return readers.read(attempt.format, attempt.data, view)

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

    @property
    def chain(self) -> Chain:
        """Raises QuorateError unknown_chain."""
        chain = self.charter.chain(self.intent.chain or "")
        if chain is None:
            raise QuorateError("unknown_chain", f"the charter names no chain {self.intent.chain}", "peer")
        return chain

    @cached_property
    def sender(self) -> str:
        """The address that signs, derived from the key certificate and the intent's path."""
        return self.address(self.intent.path)

    def address(self, path: tuple[int, ...]) -> str:
        """Of a path below the intent's key, on its chain. Raises QuorateError no_key; unknown_chain."""
        if self.certificate is None:
            raise _no_key(self.intent.key)
        key = self.certificate
        return address_of(self.chain.id, key.curve, key.public_key, key.chain_code, path)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What is to be signed. Raises what the chain's decoder raises."""
        key = self.certificate
        root = (key.public_key, key.chain_code) if key else (b"", b"")
        return items(self.intent, self.attempt, root)

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """All that the bytes or messages do; empty for RAW, which says nothing of itself.

        Raises QuorateError of the decoder; no_key; unknown_chain.
        """
        intent, policy = self.intent, self.charter.policy
        if intent.operation == RAW:
            return ()
        if intent.signs_messages:
            known = (
                (m, picture.knowledge(policy, self.chain, self.address(m.path))) for m in intent.messages
            )
            return tuple(effect for message, k in known for effect in picture.message_effects(message, k))
        if self.attempt.format != EVM_TX:
            return picture.payments(self.reading, self.sender)
        view = picture.knowledge(policy, self.chain, self.sender)
        return decode_item(self.attempt.format, self.attempt.data, view).effects

    @cached_property
    def policy_request(self) -> PolicyRequest:
        charter, intent = self.charter, self.intent
        book = picture.address_book(charter, intent, self._own, self.store.addresses, self.effects)
        asked = from_intent(intent, picture.asset_names(charter, intent.chain), book)
        return replace(asked, decimals=picture.decimals(charter, intent.chain))

    @cached_property
    def _own(self) -> dict[str, str]:
        """The accounts that the intent names itself."""
        intent, own = self.intent, dict[str, str]()
        if intent.chain is not None and intent.source.vault_account is not None:
            paths = [m.path for m in intent.messages] if intent.signs_messages else [intent.path]
            own = {self.address(path): intent.source.vault_account for path in paths}
        if intent.destination is not None and intent.destination.type == "own_account":
            own[intent.destination.address] = intent.destination.id or ""
        return own

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        policy = self.charter.policy
        return acts_of(self.effects, World(self.policy_request, policy.gap_limit), compiled(policy).lists)

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """What is moved, and first what a window looks at: `counted_once` says that nothing else is. Bytes
        that take back move nothing, and make nobody known as paid.
        """
        if self.cancels:
            return (Moved("", self.intent.asset or "", 0),)
        found = moved(self.intent, self.acts, frozenset(asset.id for asset in self.charter.assets))
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


@lru_cache(maxsize=4096)
def address_of(chain: str, curve: str, public_key: bytes, chain_code: bytes, path: tuple[int, ...]) -> str:
    return addresses.of_key(chain, hd.derive(curve, public_key, chain_code, path))


def _no_key(id: str) -> QuorateError:
    return QuorateError("no_key", f"key {id} has no certificate", "state")
