"""The signers' tally entries as the server holds them for the signers that lack them. It cannot make or
alter one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

from quorate.core.model.records import Signed
from quorate.server.store.schema import tally_entries


def add(connection: Connection, signer: str, first: int, entries: Sequence[Signed]) -> None:
    """Entries `first`, `first` + 1, ... of a signer."""
    values: list[dict[str, Any]] = [
        {"signer": signer, "count": first + i, "body": entry.body, "signature": entry.signature}
        for i, entry in enumerate(entries)
    ]
    if values:
        connection.execute(insert(tally_entries), values)


def counts(connection: Connection) -> dict[str, int]:
    """Signer -> number of its entries."""
    rows = connection.execute(
        select(tally_entries.c.signer, func.max(tally_entries.c.count)).group_by(tally_entries.c.signer)
    )
    return {signer: count for signer, count in rows}


def between(connection: Connection, signer: str, after: int, last: int) -> list[Signed]:
    """Entries after + 1 .. last of a signer."""
    columns = (tally_entries.c.body, tally_entries.c.signature)
    where = (tally_entries.c.signer == signer, tally_entries.c.count > after, tally_entries.c.count <= last)
    rows = connection.execute(select(*columns).where(*where).order_by(tally_entries.c.count))
    return [Signed(body, signature) for body, signature in rows]
