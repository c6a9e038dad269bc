"""What the server does in a chain family's own way. What it gets wrong, signers refuse or the chain does."""

from collections.abc import Sequence
from typing import Protocol

from quorate.core.model.intent import Intent
from quorate.server.chains.interface import ChainClient
from quorate.server.service.context import Context
from quorate.server.service.families.replacement import Replacement
from quorate.server.service.ledger import Step
from quorate.server.service.verify_result import ItemResult
from quorate.server.store.rows import Transaction


class Family(Protocol):
    """Stateless. Everything durable is in the row, or in a step that is stored with it."""

    async def build(
        self, ctx: Context, transaction: Transaction, intent: Intent, members: tuple[str, ...]
    ) -> Transaction:
        """Makes the bytes, what they use and the number of the first session durable, then returns. Runs
        under the lock of (chain, sender).

        Raises QuorateError: insufficient_funds, fee_ceiling, execution_reverted, unbuildable, dust,
        too_large (clear failures); any other code is tried again while the request lives.
        """

    async def first_attempt(self, ctx: Context, transaction: Transaction, intent: Intent) -> bytes:
        """The bytes as they would be signed now, for approvers to look at; nothing is reserved. Raises as
        `build`.
        """

    async def replacement(
        self, ctx: Context, transaction: Transaction, intent: Intent, wanted: Replacement
    ) -> bytes:
        """Bytes that take the place of all earlier ones, where nodes take them. Runs under the lock of
        (chain, sender).

        Raises QuorateError: not_replaceable, fee_ceiling; chain_* (try again).
        """

    def attach(self, transaction: Transaction, results: Sequence[ItemResult]) -> tuple[bytes, str]:
        """The signed transaction and its name on the chain. Raises QuorateError signature."""

    def give_back(self, transaction: Transaction) -> Step | None:
        """The step that frees what unsigned bytes would have used; None where there is nothing."""

    async def decided(self, client: ChainClient, transaction: Transaction) -> bool:
        """Whether what the bytes use is used up on chain, by this transaction or by another; or they have
        expired. False when no source says.
        """

    async def cannot_execute(self, ctx: Context, transaction: Transaction) -> bool:
        """Whether bytes of which a signature may exist somewhere can have no effect any more, and had none:
        what they use is used by another transaction, or they have expired. False when no source says.
        """

    def named_by_signature(self, transaction: Transaction) -> bool:
        """Whether other signatures of its bytes would give it another name."""

    def id_of(self, name: str) -> bytes:
        """The name of a transaction as chain clients take it."""
