"""Bitcoin: coins that each are spent once, and a transaction whose name is known before it is signed."""

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from quorate.core.chains.bitcoin import psbt
from quorate.core.chains.bitcoin.attach import Signature, attach, foretold_txid
from quorate.core.chains.bitcoin.transaction import OutPoint
from quorate.core.chains.bitcoin.transaction import Transaction as Unsigned
from quorate.core.errors import QuorateError
from quorate.server.chains.interface import ChainClient
from quorate.server.service.context import Context
from quorate.server.service.families import bitcoin_build, bitcoin_replace
from quorate.server.service.families.bitcoin_build import CLIENTS, Client
from quorate.server.service.ledger import Step
from quorate.server.service.verify_result import ItemResult
from quorate.server.store import coins
from quorate.server.store.rows import Transaction


class Bitcoin:
    build = staticmethod(bitcoin_build.build)
    first_attempt = staticmethod(bitcoin_build.first_attempt)
    replacement = staticmethod(bitcoin_replace.replacement)

    def attach(self, transaction: Transaction, results: Sequence[ItemResult]) -> tuple[bytes, str]:
        """One signature an input, in the order of inputs."""
        if transaction.attempt_bytes is None:
            raise ValueError("there are no bytes to sign")
        made = [[Signature(item.public_key, item.signature)] for item in results]
        return attach(transaction.attempt_bytes, made)

    def give_back(self, transaction: Transaction) -> Step | None:
        """The coins are free again. Where a share may be out they are taken last: signers that released it
        refuse them for good.
        """
        if transaction.attempt_bytes is None:
            return None
        change = coins.hold if transaction.released else coins.free

        def step(connection: Connection) -> None:
            change(connection, transaction.id)

        return step

    async def decided(self, client: ChainClient, transaction: Transaction) -> bool:
        if transaction.attempt_bytes is None or not isinstance(client, CLIENTS):
            return False
        try:
            for each in _unsigned(transaction.attempt_bytes).inputs:
                if await _is_spent(client, each.outpoint):
                    return True
        except QuorateError:
            return False
        return False

    async def cannot_execute(self, ctx: Context, transaction: Transaction) -> bool:
        """When an input is spent and no source knows this very transaction. Never said where its id depends
        on signatures that this server has not seen.
        """
        client = ctx.chains.get(transaction.chain or "")
        if client is None or transaction.attempt_bytes is None:
            return False
        try:
            name = foretold_txid(transaction.attempt_bytes)
            if name is None or not await self.decided(client, transaction):
                return False
            return not await client.knows(self.id_of(name))
        except QuorateError:
            return False

    def named_by_signature(self, transaction: Transaction) -> bool:
        return foretold_txid(transaction.attempt_bytes or b"") is None

    def id_of(self, name: str) -> bytes:
        return bytes.fromhex(name)


async def _is_spent(client: Client, outpoint: OutPoint) -> bool:
    """By a mined transaction. An output that is not mined yet is not there to be spent: so a source that does
    not have it is asked whether it was mined, and then again.
    """
    txid = outpoint.txid[::-1]
    if await client.unspent(txid, outpoint.vout, pending=False):
        return False
    return await client.receipt(txid) is not None and not await client.unspent(
        txid, outpoint.vout, pending=False
    )


def _unsigned(data: bytes) -> Unsigned:
    return psbt.read(data).transaction
