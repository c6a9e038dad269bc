"""EVM: one nonce a transaction, account by account."""

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from quorate.core.chains.evm.attach import attach
from quorate.core.errors import QuorateError
from quorate.server.chains.evm_client import EvmClient
from quorate.server.chains.interface import ChainClient
from quorate.server.service.context import Context
from quorate.server.service.families import evm_build
from quorate.server.service.ledger import Step
from quorate.server.service.verify_result import ItemResult
from quorate.server.store import nonces, transactions
from quorate.server.store.rows import Transaction


class Evm:
    build = staticmethod(evm_build.build)
    first_attempt = staticmethod(evm_build.first_attempt)
    replacement = staticmethod(evm_build.replacement)

    def attach(self, transaction: Transaction, results: Sequence[ItemResult]) -> tuple[bytes, str]:
        if transaction.attempt_bytes is None or transaction.sender is None or len(results) != 1:
            raise ValueError("there is no signature to attach")
        item = results[0]
        raw, name = attach(
            transaction.attempt_bytes, item.signature, item.recovery_id or 0, sender=transaction.sender
        )
        return raw, "0x" + name.hex()

    def give_back(self, transaction: Transaction) -> Step | None:
        """The nonce goes back to the account: signers pass it on to the next transfer unless they released a
        share for this one.
        """
        chain, sender, nonce = transaction.chain, transaction.sender, transaction.nonce
        if chain is None or sender is None or nonce is None:
            return None

        def step(connection: Connection) -> None:
            if nonces.next_nonce(connection, chain, sender) == nonce + 1:
                nonces.set_next_nonce(connection, chain, sender, nonce)

        return step

    async def decided(self, client: ChainClient, transaction: Transaction) -> bool:
        if transaction.sender is None or transaction.nonce is None or not isinstance(client, EvmClient):
            return False
        try:
            return await client.nonce(transaction.sender, pending=False) > transaction.nonce
        except QuorateError:
            return False

    async def cannot_execute(self, ctx: Context, transaction: Transaction) -> bool:
        """When another transaction of this server was mined with the nonce."""
        return await ctx.database.read(
            lambda connection: transactions.nonce_was_used(connection, transaction)
        )

    def named_by_signature(self, transaction: Transaction) -> bool:
        return True

    def id_of(self, name: str) -> bytes:
        return bytes.fromhex(name.removeprefix("0x"))
