"""The store as the services see it: `await write(unit)`, `await read(unit)`."""

import asyncio
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
        self._later: list[Unit[None]] = []
        self._reader: Connection | None = None
        if engine.dialect.name == "sqlite":
            self._reader = engine.connect().execution_options(isolation_level="AUTOCOMMIT")

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
        if self._reader is not None:
            return unit(self._reader)
        return await asyncio.to_thread(self._read_elsewhere, unit)

    def _read_elsewhere(self, unit: Unit[T]) -> T:
        """The pool finds out about connections that the other end has closed."""
        with self._engine.connect() as connection:
            return unit(connection.execution_options(isolation_level="AUTOCOMMIT"))

    async def close(self) -> None:
        """Writes what waits, then closes."""
        self._flush()
        await self._writer.close()
        if self._reader is not None:
            self._reader.close()
        self._engine.dispose()


def _run_all(connection: Connection, units: list[Unit[None]]) -> None:
    for unit in units:
        unit(connection)
