"""The store as the services see it: `await write(unit)`, `await read(unit)`."""

import asyncio
import threading
from typing import Final, TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from quorate.server.store.writer import Unit, Writer

T = TypeVar("T")
LATER: Final = 0.2


class Database:
    """Reads of SQLite run on the loop's own thread: a point read is 0.05 ms there, less than a change of
    threads. Other databases are a network away, so they are read from worker threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = Writer(engine)
        self._inline = engine.dialect.name == "sqlite"
        self._later: list[Unit[None]] = []
        self._readers = threading.local()
        self._open: list[Connection] = []

    async def write(self, unit: Unit[T]) -> T:
        """See `Writer.write`."""
        return await self._writer.write(unit)

    def write_later(self, unit: Unit[None]) -> None:
        """For what a crash may lose: written within `LATER` seconds, many units in one commit."""
        if not self._later:
            asyncio.get_running_loop().call_later(LATER, self._flush)
        self._later.append(unit)

    def _flush(self) -> None:
        units, self._later = self._later, []
        if units:
            self._writer.post(lambda connection: _run_all(connection, units))

    async def read(self, unit: Unit[T]) -> T:
        """Runs the unit over the newest durable state."""
        return self._read(unit) if self._inline else await asyncio.to_thread(self._read, unit)

    def _read(self, unit: Unit[T]) -> T:
        connection: Connection | None = getattr(self._readers, "connection", None)
        if connection is None:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._readers.connection = connection
            self._open.append(connection)
        return unit(connection)

    async def close(self) -> None:
        """Writes what waits, then closes."""
        self._flush()
        await self._writer.close()
        for connection in self._open:
            connection.close()
        self._engine.dispose()


def _run_all(connection: Connection, units: list[Unit[None]]) -> None:
    for unit in units:
        unit(connection)
