"""POST /vault/accounts. An account is an index below the root keys: creating one changes no charter."""

import json
from collections.abc import Callable

from sqlalchemy.engine import Connection

from quorate.server import clock
from quorate.server.service.context import Context
from quorate.server.store import idempotency, vaults


async def create_vault_account(
    ctx: Context,
    call: idempotency.Call | None,
    present: Callable[[vaults.Account], dict[str, object]],
    *,
    name: str,
    hidden: bool,
    auto_fuel: bool,
    customer_ref_id: str | None,
) -> dict[str, object]:
    """The answer, stored under the call's key in the commit that creates the account."""
    now = clock.milliseconds()

    def unit(connection: Connection) -> dict[str, object]:
        account = vaults.create_account(connection, name, hidden, auto_fuel, customer_ref_id, now)
        answer = present(account)
        idempotency.put(connection, call, now, status=200, response=json.dumps(answer))
        return answer

    return await ctx.database.write(unit)
