"""Chains whose bytes die by themselves: there is no fee bump and no cancel, and after minutes no need."""

from quorate.core.errors import QuorateError
from quorate.core.model.intent import Intent
from quorate.server.service.context import Context
from quorate.server.service.families.replacement import Replacement
from quorate.server.store.rows import Transaction


async def replacement(ctx: Context, transaction: Transaction, intent: Intent, wanted: Replacement) -> bytes:
    """Raises QuorateError not_replaceable."""
    raise QuorateError(
        "not_replaceable",
        f"transactions on {transaction.chain} expire by themselves within minutes",
        "caller",
        "wait until it is mined or has failed, then send another request",
    )
