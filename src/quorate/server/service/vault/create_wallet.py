"""POST /vault/accounts/{id}/{assetId}: the permanent address of an asset, derived from the key
certificate."""

import json
from collections.abc import Callable
from functools import partial

from sqlalchemy.engine import Connection

from quorate.core.dialects.fireblocks import account_address
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Asset
from quorate.server import clock
from quorate.server.service.context import Context
from quorate.server.service.vault.change_vault_account import account_missing
from quorate.server.store import idempotency, vaults


async def create_wallet(
    ctx: Context,
    call: idempotency.Call | None,
    present: Callable[[vaults.Address], dict[str, object]],
    account: int,
    asset_id: str,
) -> dict[str, object]:
    """The same answer when the wallet exists already. Raises QuorateError: asset_missing,
    vault_account_missing, key_missing."""
    asset = asset_of(ctx, asset_id)
    text = account_address(ctx.book.charter, ctx.book.certificates, asset.id, str(account))
    now = clock.milliseconds()
    address = vaults.Address(account, asset.id, 0, text, None, None, now)

    def unit(connection: Connection) -> dict[str, object]:
        if vaults.get_account(connection, account) is None:
            raise account_missing(str(account))
        vaults.create_wallet(connection, address)
        answer = present(address)
        idempotency.put(connection, call, now, status=200, response=json.dumps(answer))
        return answer

    return await ctx.database.write(unit)


def asset_of(ctx: Context, asset_id: str) -> Asset:
    """Raises QuorateError asset_missing."""
    asset = ctx.book.charter.asset(asset_id)
    if asset is None:
        raise QuorateError(
            "asset_missing", f"asset {asset_id[:64]} is not in the charter", "caller", "see supported assets"
        )
    return asset


async def wallet_of(ctx: Context, account: int, asset_id: str) -> vaults.Wallet:
    """Raises QuorateError: asset_missing, vault_account_missing, wallet_missing."""
    asset = asset_of(ctx, asset_id)
    wallet = await ctx.database.read(partial(vaults.get_wallet, account=account, asset=asset.id))
    if wallet is not None:
        return wallet
    if await ctx.database.read(partial(vaults.get_account, id=account)) is None:
        raise account_missing(str(account))
    message = f"vault account {account} has no wallet of {asset.id}"
    raise QuorateError(
        "wallet_missing", message, "caller", "create it with POST /vault/accounts/{id}/{assetId}"
    )
