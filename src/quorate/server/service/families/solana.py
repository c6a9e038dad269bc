"""Solana: nothing is used up, but a message dies with its blockhash, about a minute after that was made."""

from collections.abc import Sequence

from quorate.core.chains import base58
from quorate.core.chains.solana.attach import attach
from quorate.core.chains.solana.message import parse
from quorate.core.errors import QuorateError
from quorate.server.chains.interface import ChainClient
from quorate.server.chains.solana_client import SolanaClient
from quorate.server.service.context import Context
from quorate.server.service.families import solana_build
from quorate.server.service.families.expiring import replacement as expiring
from quorate.server.service.ledger import Step
from quorate.server.service.verify_result import ItemResult
from quorate.server.store.rows import Transaction


class Solana:
    build = staticmethod(solana_build.build)
    first_attempt = staticmethod(solana_build.first_attempt)
    replacement = staticmethod(expiring)

    def attach(self, transaction: Transaction, results: Sequence[ItemResult]) -> tuple[bytes, str]:
        if transaction.attempt_bytes is None:
            raise ValueError("there is nothing to attach a signature to")
        return attach(transaction.attempt_bytes, [item.signature for item in results])

    def give_back(self, transaction: Transaction) -> Step | None:
        return None

    async def decided(self, client: ChainClient, transaction: Transaction) -> bool:
        """The blockhash has expired, and no node has seen the signature where there is one."""
        if transaction.attempt_bytes is None or not isinstance(client, SolanaClient):
            return False
        try:
            if await client.blockhash_valid(parse(transaction.attempt_bytes).blockhash):
                return False
            name = transaction.transaction_hash
            return name is None or not await client.knows(self.id_of(name))
        except QuorateError:
            return False

    async def cannot_execute(self, ctx: Context, transaction: Transaction) -> bool:
        """When the blockhash has expired. That the bytes were executed before, by another's hand and under a
        signature that this server never saw, it cannot tell.
        """
        client = ctx.chains.get(transaction.chain or "")
        return client is not None and await self.decided(client, transaction)

    def named_by_signature(self, transaction: Transaction) -> bool:
        """The signature is the name, and FROST makes another one each time."""
        return True

    def id_of(self, name: str) -> bytes:
        return base58.decode(name)
