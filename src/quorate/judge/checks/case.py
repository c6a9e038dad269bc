"""The case that the checks of a session judge: the request, the bytes, and what this signer has on record.
Lazy where work is done.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from quorate.core.chains import addresses, hd, readers
from quorate.core.chains.reading import Reading, View
from quorate.core.errors import QuorateError
from quorate.core.evidence.approval import Approval
from quorate.core.model.charter import Chain, Charter
from quorate.core.model.intent import RAW_FORMAT, Attempt, Intent, Item, items
from quorate.core.model.records import KeyCertificate
from quorate.core.policy import (
    Decision,
    Evidence,
    PolicyRequest,
    TallyLine,
    TallyView,
    decide,
    effects_of,
    from_intent,
)
from quorate.core.policy.addresses import normal
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

    @cached_property
    def attempt_hash(self) -> bytes:
        return self.attempt.hash

    @property
    def is_transaction(self) -> bool:
        """Whether the bytes are a transaction of a chain, and not RAW."""
        return self.attempt.format != RAW_FORMAT

    @cached_property
    def reading(self) -> Reading:
        """Raises QuorateError of the chain's decoder; no_key."""
        if self.certificate is None:
            raise _no_key(self.intent.key)
        account = self.intent.source.vault_account or ""
        view = View(self.chain, self.certificate, account, self.sender)
        return readers.read(self.attempt.format, self.attempt.data, view)

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
        if self.certificate is None:
            raise _no_key(self.intent.key)
        key = self.certificate
        return _address(self.chain.id, key.curve, key.public_key, key.chain_code, self.intent.path)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What is to be signed. Raises what the chain's decoder raises."""
        key = self.certificate
        root = (key.public_key, key.chain_code) if key else (b"", b"")
        return items(self.intent, self.attempt, root)

    @cached_property
    def policy_request(self) -> PolicyRequest:
        return _policy_request(self.intent)

    @cached_property
    def decision(self) -> Decision:
        """By the policy of the charter in force and everything that is on record as let through."""
        longest = self._longest_window()
        since = self.now_ms - 1000 * longest
        lines = self.store.tally.lines(self.intent.asset, since) if longest and self.intent.asset else []
        return self._decide(lines)

    @cached_property
    def decision_without_tally(self) -> Decision:
        """As if no amount had been let through yet. Which destinations are known still counts."""
        return self._decide([])

    def _decide(self, lines: list[TallyLine]) -> Decision:
        """The requester is proven by the admissions, before any session."""
        evidence = Evidence(self.intent.user, tuple(said.for_policy() for said in self.approvals))
        view = TallyView(lines, *self._destination_use)
        effects = effects_of(self.intent)
        return decide(self.charter.policy, self.policy_request, effects, evidence, view, self.now_ms)

    @cached_property
    def _destination_use(self) -> tuple[frozenset[str], dict[str, int]]:
        """Whether the destination was used before this request, and since when a one-time one is known; asked
        for only where the policy looks at it, because the second is a durable record.
        """
        to, policy = self.intent.destination, self.charter.policy
        if to is None:
            return frozenset(), {}
        used, known, tally = frozenset[str](), dict[str, int](), self.store.tally
        if policy.looks_at("first_use_max_amount") and tally.was_used(to.address, self.intent_hash):
            used = frozenset({normal(to.address)})
        if to.type == "one_time" and (
            policy.new_destination_delay or policy.looks_at("new_destination_delay")
        ):
            known = {normal(to.address): tally.first_asked(to.address, self.now_ms)}
        return used, known

    def _longest_window(self) -> int:
        """Seconds; 0 when nothing looks back for this asset."""
        policy, asset = self.charter.policy, self.intent.asset
        windows = [
            rule.window.seconds for rule in policy.rules if rule.window and asset in (rule.assets or ())
        ]
        windows += [limit.seconds for limit in policy.limits if limit.seconds and limit.asset == asset]
        return max(windows, default=0)


@lru_cache(maxsize=2048)
def _policy_request(intent: Intent) -> PolicyRequest:
    return from_intent(intent)


@lru_cache(maxsize=4096)
def _address(chain: str, curve: str, public_key: bytes, chain_code: bytes, path: tuple[int, ...]) -> str:
    return addresses.of_key(chain, hd.derive(curve, public_key, chain_code, path))


def _no_key(id: str) -> QuorateError:
    return QuorateError("no_key", f"key {id} has no certificate", "state")
