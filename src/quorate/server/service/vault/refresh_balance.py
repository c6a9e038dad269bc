"""The balance of a wallet, read from the chain and remembered. A claim of a node, shown to people,
never judged by."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from quorate.core.dialects.fireblocks import holding_addresses
from quorate.core.errors import QuorateError
from quorate.server.chains.bitcoin_core import CoreClient
from quorate.server.chains.bitcoin_esplora import EsploraClient
from quorate.server.chains.interface import ChainClient
from quorate.server.service.context import Context
from quorate.server.service.vault.create_wallet import asset_of
from quorate.server.store import vaults

log = logging.getLogger(__name__)


async def refresh_balance(ctx: Context, wallet: vaults.Wallet) -> vaults.Wallet:
    """With the newest balance; with the last one seen when no node answers."""
    asset = asset_of(ctx, wallet.asset)
    client = ctx.chains.get(asset.chain)
    if client is None:
        return wallet
    try:
        charter, certificates = ctx.book.charter, ctx.book.certificates
        block = await client.block()
        addresses = holding_addresses(charter, certificates, asset.id, str(wallet.account))
        balance = await _balance(client, addresses, asset.contract)
    except QuorateError as failure:
        log.warning("balance of %s in vault account %d: %s", wallet.asset, wallet.account, failure)
        return wallet
    fresh = replace(wallet, balance=str(balance), block_height=block.height, block_hash=block.hash)
    if fresh != wallet:
        ctx.database.write_later(
            lambda connection: vaults.set_balance(
                connection, wallet.account, wallet.asset, str(balance), block.height, block.hash
            )
        )
    return fresh


async def _balance(client: ChainClient, addresses: Sequence[str], token: str | None) -> int:
    """Only a Bitcoin account has several addresses: its source is asked for all of them at once."""
    if isinstance(client, CoreClient | EsploraClient):
        return await client.balance_of(addresses)
    return sum([await client.balance(address, token) for address in addresses])
