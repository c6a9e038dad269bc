"""What every chain client offers. What a builder needs beyond it differs by chain and is the client's own."""

from dataclasses import dataclass
from typing import Protocol

from quorate.core.model.charter import Chain


@dataclass(frozen=True, slots=True)
class Head:
    """The newest block. `height` counts as the chain does: blocks, or slots on Solana."""

    height: int
    hash: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a transaction was executed. `succeeded` is False when its execution was reverted.

    `fee` is in the smallest unit. `block_hash` and `fee` are None where the chain's interface does not say.
    """

    succeeded: bool
    height: int
    block_hash: str | None
    fee: int | None


class ChainClient(Protocol):
    """Amounts are integers of the smallest unit, addresses are in the chain's text form.

    `id` is a transaction's name as bytes: its hexadecimal (Solana: base58) text is what explorers show.

    Every method raises QuorateError: chain_unreachable when no source answers, chain_error when a source
    refuses, chain_answer when it answers nonsense, chain_id when it is of another chain. A refusal ends a
    read; after any other failure the next source is asked.
    """

    chain: Chain

    async def check(self) -> None:
        """Raises QuorateError chain_id when a source that answers is of another chain."""

    async def block(self) -> Head: ...

    async def balance(self, address: str, token: str | None = None, *, pending: bool = False) -> int:
        """Of the native coin, or of a token. `pending`: with what waits, where the chain's interface says."""

    async def fee_hint(self) -> int:
        """What a unit of the chain's work costs now: gas, 1000 virtual bytes, a signature, energy."""

    async def knows(self, id: bytes, /) -> bool:
        """Whether the transaction is executed or waits in a pool."""

    async def receipt(self, id: bytes, /) -> Receipt | None:
        """None while it is not executed."""

    async def broadcast(self, raw: bytes, id: bytes, /) -> None:
        """Hands it to the first source that takes or has it. Raises the last one's error when none does."""
