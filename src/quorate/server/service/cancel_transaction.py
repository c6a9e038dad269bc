"""POST /transactions/{id}/cancel: taken back while no share can be out."""

import asyncio
from functools import partial

from quorate.core.model.lifecycle import Status
from quorate.server.service.context import Context
from quorate.server.service.runner import Runner
from quorate.server.store import transactions

PATIENCE = 2.0
"""Seconds in which a session under way may end before the answer is no."""


async def cancel_transaction(ctx: Context, runner: Runner, id: str) -> bool:
    """Whether it is CANCELLED now. A transaction that is being signed goes on, and the answer is False."""
    if not runner.cancel(id):
        return False
    try:
        async with asyncio.timeout(PATIENCE):
            await runner.settled(id)
    except TimeoutError:
        return False
    row = await ctx.database.read(partial(transactions.get, id=id))
    return row is not None and row.status == Status.CANCELLED
