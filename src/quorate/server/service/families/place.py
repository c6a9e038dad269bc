"""Where a transaction is to happen: its chain, a client of the right kind, and the sender."""

from typing import TypeVar

from quorate.core.errors import QuorateError
from quorate.core.model.charter import Chain
from quorate.core.model.intent import Intent
from quorate.server.service.context import Context
from quorate.server.store.rows import Transaction

C = TypeVar("C")


def find_place(
    ctx: Context, transaction: Transaction, intent: Intent, kind: type[C] | tuple[type[C], ...]
) -> tuple[Chain, C, str]:
    """Raises QuorateError chain_missing."""
    chain = ctx.book.charter.chain(intent.chain or "")
    client = ctx.chains.get(intent.chain or "")
    if chain is None or not isinstance(client, kind) or transaction.sender is None:
        raise missing(intent)
    return chain, client, transaction.sender


def missing(intent: Intent) -> QuorateError:
    return QuorateError(
        "chain_missing", f"chain {intent.chain} has no node in server.json", "state", "add its URL"
    )
