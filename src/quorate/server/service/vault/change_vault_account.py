"""PUT /vault/accounts/{id} and its small relatives: names and flags of an account."""

import json
from collections.abc import Callable

from sqlalchemy.engine import Connection

from quorate.core.errors import QuorateError
from quorate.server import clock
from quorate.server.service.context import Context
from quorate.server.store import idempotency, vaults


async def change_vault_account(
    ctx: Context,
    call: idempotency.Call | None,
    present: Callable[[vaults.Account], dict[str, object]],
    account: int,
    changes: dict[str, object],
) -> dict[str, object]:
    """Raises QuorateError vault_account_missing."""
    now = clock.milliseconds()

    def unit(connection: Connection) -> dict[str, object]:
        changed = vaults.change_account(connection, account, changes)
        if changed is None:
            raise account_missing(str(account))
        answer = present(changed)
        idempotency.put(connection, call, now, status=200, response=json.dumps(answer))
        return answer

    return await ctx.database.write(unit)


def account_missing(account: str) -> QuorateError:
    return QuorateError(
        "vault_account_missing", f"vault account {account[:32]} does not exist", "caller", "create it first"
    )
