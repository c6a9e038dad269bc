"""TRON: no nonce; a transaction refers to a recent block and expires, and its id is known unsigned."""

from collections.abc import Sequence
from typing import Final

from quorate.core.chains.tron.attach import attach
from quorate.core.chains.tron.decode import read_tx
from quorate.core.errors import QuorateError
from quorate.server.chains.interface import ChainClient
from quorate.server.chains.tron_http import TronClient
from quorate.server.service.context import Context
from quorate.server.service.families import tron_build
from quorate.server.service.families.expiring import replacement as expiring
from quorate.server.service.ledger import Step
from quorate.server.service.verify_result import ItemResult
from quorate.server.store.rows import Transaction

SETTLED_S: Final = 60
"""Seconds of the chain's time until a block is not taken back: 19 of 27 producers built on it, 3 s each."""


class Tron:
    build = staticmethod(tron_build.build)
    first_attempt = staticmethod(tron_build.first_attempt)
    replacement = staticmethod(expiring)

    def attach(self, transaction: Transaction, results: Sequence[ItemResult]) -> tuple[bytes, str]:
        if transaction.attempt_bytes is None or transaction.sender is None or len(results) != 1:
            raise ValueError("there is no signature to attach")
        item = results[0]
        raw, id = attach(
            transaction.attempt_bytes, item.signature, item.recovery_id or 0, sender=transaction.sender
        )
        return raw, id.hex()

    def give_back(self, transaction: Transaction) -> Step | None:
        """Unsigned bytes use nothing that another transaction could want."""
        return None

    async def decided(self, client: ChainClient, transaction: Transaction) -> bool:
        """When the bytes have expired by the chain's own time, and no source knows them."""
        if transaction.attempt_bytes is None or not isinstance(client, TronClient):
            return False
        unsigned = read_tx(transaction.attempt_bytes)
        try:
            newest = (await client.block()).timestamp
            expired = newest >= unsigned.expiration + 1000 * SETTLED_S
            return expired and not await client.knows(unsigned.txid)
        except QuorateError:
            return False

    async def cannot_execute(self, ctx: Context, transaction: Transaction) -> bool:
        """Whoever broadcast them: the id of signed bytes is that of the unsigned ones."""
        client = ctx.chains.get(transaction.chain or "")
        return client is not None and await self.decided(client, transaction)

    def named_by_signature(self, transaction: Transaction) -> bool:
        return False

    def id_of(self, name: str) -> bytes:
        return bytes.fromhex(name)
