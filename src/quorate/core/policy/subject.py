"""One request under one charter: who signs, what the bytes do, what a policy is asked about it. Signers,
approvers and the server make it alike; what each has on record beside the charter it adds itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from quorate.core.chains import addresses, readers
from quorate.core.chains.effects import Effect
from quorate.core.chains.evm.item import decode_item
from quorate.core.chains.evm.knowledge.documents import Documents
from quorate.core.chains.evm.knowledge.knowledge import Knowledge
from quorate.core.chains.evm.knowledge.of_charter import knowledge
from quorate.core.chains.reading import Reading, View
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain, Charter
from quorate.core.model.intent import CONTRACT_CALL, EVM_TX, RAW, Attempt, Intent
from quorate.core.model.records import KeyCertificate
from quorate.core.policy import picture
from quorate.core.policy.act import Act
from quorate.core.policy.acts import acts_of
from quorate.core.policy.compiled import compiled
from quorate.core.policy.moved import Moved, moved
from quorate.core.policy.prohibitions import World
from quorate.core.policy.request import PolicyRequest, effects_of, from_intent


@dataclass(frozen=True)
class Subject:
    """`certificate` is that of the intent's key. Without `attempt` there are no bytes yet: then what is asked
    for is taken for what they will do, and has no fee. `documents`: what the charter pins about contracts, as
    far as the caller has it.
    """

    charter: Charter
    intent: Intent
    certificate: KeyCertificate | None
    attempt: Attempt | None = None
    documents: Documents = field(default_factory=Documents)

    @property
    def chain(self) -> Chain:
        """Raises QuorateError unknown_chain."""
        chain = self.charter.chain(self.intent.chain or "")
        if chain is None:
            raise QuorateError("unknown_chain", f"the charter names no chain {self.intent.chain}", "peer")
        return chain

    @property
    def key(self) -> KeyCertificate:
        """Raises QuorateError no_key."""
        if self.certificate is None:
            raise QuorateError("no_key", f"key {self.intent.key} has no certificate", "state")
        return self.certificate

    @cached_property
    def sender(self) -> str:
        """The address that signs, derived from the key certificate and the intent's path."""
        return self.address(self.intent.path)

    def address(self, path: tuple[int, ...]) -> str:
        """Of a path below the intent's key, on its chain. Raises QuorateError no_key; unknown_chain."""
        key = self.key
        return addresses.of_path(self.chain.id, key.curve, key.public_key, key.chain_code, path)

    @property
    def view(self) -> View:
        """What a reader of the chain's bytes knows beside them. Raises QuorateError no_key; unknown_chain."""
        account = self.intent.source.vault_account or ""
        return View(self.chain, self.key, account, self.sender, self.charter.assets)

    @cached_property
    def reading(self) -> Reading:
        """Of a transaction. Raises QuorateError of the chain's decoder; no_key; no_attempt."""
        if self.attempt is None:
            raise QuorateError("no_attempt", "there are no bytes of this request yet", "state")
        return self.read(self.attempt)

    def read(self, attempt: Attempt) -> Reading:
        """Raises QuorateError of the chain's decoder; no_key."""
        return readers.read(attempt.format, attempt.data, self.view)

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """All that the bytes or messages do; empty for RAW, which says nothing of itself.

        Raises QuorateError of the decoder; no_key; unknown_chain.
        """
        if self.intent.operation == RAW:
            return ()
        if self.intent.signs_messages:
            return self._message_effects()
        if self.attempt is None:
            return self._requested_effects()
        if self.attempt.format != EVM_TX:
            return picture.payments(self.reading, self.sender)
        return decode_item(self.attempt.format, self.attempt.data, self._knowledge(self.sender)).effects

    def _knowledge(self, sender: str) -> Knowledge:
        return knowledge(self.charter.policy, self.documents, self.chain, sender)

    def _message_effects(self) -> tuple[Effect, ...]:
        found: list[Effect] = []
        for message in self.intent.messages:
            found += picture.message_effects(message, self._knowledge(self.address(message.path)))
        return tuple(found)

    def _requested_effects(self) -> tuple[Effect, ...]:
        if self.intent.operation != CONTRACT_CALL:
            return effects_of(self.intent)
        return picture.call_effects(self.intent, self._knowledge(self.sender))

    @cached_property
    def own(self) -> Mapping[str, str]:
        """The addresses of the accounts that the intent names itself -> account. Raises as `address`."""
        intent, found = self.intent, dict[str, str]()
        if intent.chain is not None and intent.source.vault_account is not None:
            paths = [m.path for m in intent.messages] if intent.signs_messages else [intent.path]
            found = {self.address(path): intent.source.vault_account for path in paths}
        if intent.destination is not None and intent.destination.type == "own_account":
            found[intent.destination.address] = intent.destination.id or ""
        return found

    def request(
        self, recorded: Mapping[str, str] | None = None, familiar: Iterable[str] = ()
    ) -> PolicyRequest:
        """What a policy is asked: `recorded` are own accounts and `familiar` addresses that the caller has on
        record beside the charter. Raises as `address`.
        """
        charter, chain = self.charter, self.intent.chain
        book = picture.address_book(charter, self.intent, self.own, recorded or {}, familiar)
        asked = from_intent(self.intent, picture.asset_names(charter, chain), book)
        return replace(asked, decimals=picture.decimals(charter, chain))

    def acts(self, request: PolicyRequest) -> tuple[Act, ...]:
        """What the effects are to the charter's policy."""
        policy = self.charter.policy
        return acts_of(self.effects, World(request, policy.gap_limit), compiled(policy).lists)

    def moved(self, acts: tuple[Act, ...]) -> tuple[Moved, ...]:
        return moved(self.intent, acts, frozenset(asset.id for asset in self.charter.assets))
