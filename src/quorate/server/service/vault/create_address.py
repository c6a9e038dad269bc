"""POST /vault/accounts/{id}/{assetId}/addresses: one more deposit address, at the next index of the
account's path."""

import json
from collections.abc import Callable

from sqlalchemy.engine import Connection

from quorate.core.dialects.fireblocks import account_address
from quorate.server import clock
from quorate.server.service.context import Context
from quorate.server.service.vault.create_wallet import wallet_of
from quorate.server.store import idempotency, vaults


async def create_address(
    ctx: Context,
    call: idempotency.Call | None,
    present: Callable[[vaults.Address], dict[str, object]],
    account: int,
    asset_id: str,
    *,
    description: str | None,
    customer_ref_id: str | None,
) -> dict[str, object]:
    """Raises QuorateError: asset_missing, vault_account_missing, wallet_missing, key_missing."""
    wallet = await wallet_of(ctx, account, asset_id)
    charter, certificates, now = ctx.book.charter, ctx.book.certificates, clock.milliseconds()

    def unit(connection: Connection) -> dict[str, object]:
        index = vaults.next_address_index(connection, account, wallet.asset)
        text = account_address(charter, certificates, wallet.asset, str(account), index)
        address = vaults.Address(account, wallet.asset, index, text, description, customer_ref_id, now)
        vaults.add_address(connection, address)
        answer = present(address)
        idempotency.put(connection, call, now, status=200, response=json.dumps(answer))
        return answer

    return await ctx.database.write(unit)
