"""Documents that charter versions pin, by their SHA-256. Whoever gets one compares it with the pin."""

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from quorate.server.store.schema import documents


def add(connection: Connection, hash: bytes, content: bytes, now_ms: int) -> bool:
    """False when it is known."""
    c = documents.c
    if connection.execute(select(c.hash).where(c.hash == hash)).first() is not None:
        return False
    connection.execute(insert(documents), {"hash": hash, "content": content, "created_ms": now_ms})
    return True


def all_of(connection: Connection) -> dict[bytes, bytes]:
    """Hash -> content."""
    rows = connection.execute(select(documents.c.hash, documents.c.content))
    return {bytes(row.hash): bytes(row.content) for row in rows}
