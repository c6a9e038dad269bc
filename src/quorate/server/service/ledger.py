"""Changes of a transaction row: the lifecycle table is asked, then the change is durable, then it
is visible."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Connection

from quorate.core.model.lifecycle import FINISHED, Event, Status, after
from quorate.server import clock
from quorate.server.metrics import Metrics
from quorate.server.store import transactions
from quorate.server.store.database import Database
from quorate.server.store.rows import Transaction, dump

Step = Callable[[Connection], object]


class Ledger:
    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics

    async def save(
        self, transaction: Transaction, *steps: Step, event: Event | None = None, **changes: Any
    ) -> Transaction:
        """The transaction with the changes, once they and `steps` are durable in one commit.

        `event` moves its status. Raises QuorateError transition when it cannot happen now; what a step
        raises.
        """
        if event is not None:
            released = changes.get("released", transaction.released)
            changes["status"] = str(after(Status(transaction.status), event, released=released))
        changed = replace(
            transaction, **changes, updated_ms=max(clock.milliseconds(), transaction.updated_ms)
        )
        values = {**changes, "updated_ms": changed.updated_ms}

        def unit(connection: Connection) -> None:
            for step in steps:
                step(connection)
            transactions.change(connection, transaction.id, values)

        await self._database.write(unit)
        if event is not None and changed.status in FINISHED:
            self._metrics.ended(changed.status)
        return changed

    def stamp_stored(self, transaction: Transaction) -> None:
        """Notes when the result became durable; the note itself may be lost."""
        now = clock.microseconds()
        self._metrics.stage("stored", now - transaction.received_us)
        self._database.write_later(
            lambda connection: transactions.change(connection, transaction.id, {"stored_us": now})
        )

    def stamps(self, transaction: Transaction) -> None:
        """The stages that the row already carries, for /metrics."""
        for stage in ("admitted", "voted", "signed"):
            value: int | None = getattr(transaction, f"{stage}_us")
            if value is not None:
                self._metrics.stage(stage, value - transaction.received_us)


def messages(kind: str, *lines: str) -> str:
    """The `system_messages` column: `kind` is BLOCK or WARN, the two types that clients know."""
    return dump([{"type": kind, "message": line} for line in lines])
