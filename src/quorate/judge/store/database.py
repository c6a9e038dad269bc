"""One SQLite connection, one writer, group commit.

Work is done in *units*: all or nothing, synchronous, on the event loop's thread, so that no two of them
interleave. Units collect in an open transaction, the *group*. Who must not go on before its unit is on disk
awaits `durable()`; everybody who is ready in the same turn of the event loop shares one fsync. A failed
commit ends the process: memory and file would no longer agree.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from quorate.core import faults
from quorate.core.errors import QuorateError
from quorate.judge.store.schema import migrate

PAGE_CACHE_KIB: Final = 8192
Row = tuple[Any, ...]
Values = Sequence[Any] | Mapping[str, Any]


class Database:
    """The file and its open group. `on_failure` is told once of a failed commit and must end the process."""

    def __init__(self, path: Path, on_failure: Callable[[QuorateError], None]) -> None:
        self._on_failure = on_failure
        self._connection = _open(path)
        self._depth = 0
        self._in_group = False
        self._scheduled = False
        self._waiters: list[asyncio.Future[None]] = []
        self._failure: QuorateError | None = None
        self.on_commit: Callable[[float], None] = lambda seconds: None
        """Told of each commit how long it took."""
        self.rollback_hooks: list[Callable[[], Callable[[], None]]] = []
        """Each is called when a unit begins and returns what undoes its part of memory, should the unit be
        rolled back.
        """

    @property
    def size(self) -> int:
        """Bytes of the file, as far as it has been filled."""
        (pages,), (width,) = (self.read(f"PRAGMA {name}")[0] for name in ("page_count", "page_size"))
        return int(pages * width)

    def read(self, sql: str, values: Values = ()) -> list[Row]:
        """Rows as this process sees them, uncommitted ones included."""
        return self._connection.execute(sql, values).fetchall()

    def first(self, sql: str, values: Values = ()) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def write(self, sql: str, values: Values = ()) -> int:
        """Runs one statement of the current unit and returns the number of rows it changed."""
        if not self._depth:
            raise RuntimeError("a write outside a unit would escape its transaction")
        return self._connection.execute(sql, values).rowcount

    @contextmanager
    def unit(self) -> Iterator[None]:
        """All or nothing within the group. Units nest. The body must not await. Raises store_failed."""
        if self._failure:
            raise self._failure
        self._begin_group()
        undo = [hook() for hook in self.rollback_hooks]
        self._connection.execute("SAVEPOINT unit")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO unit")
            for step in undo:
                step()
            raise
        finally:
            self._depth -= 1
            self._connection.execute("RELEASE unit")

    def durable(self) -> "asyncio.Future[None]":
        """Done when everything written so far is on disk. Raises store_failed."""
        waiter = asyncio.get_running_loop().create_future()
        if self._failure:
            waiter.set_exception(self._failure)
            return waiter
        if not self._in_group:
            waiter.set_result(None)
            return waiter
        self._waiters.append(waiter)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self.commit)
        return waiter

    def commit(self) -> None:
        """Puts the group on disk and releases its waiters. Called by the event loop, at shutdown, and where
        no loop runs yet.
        """
        self._scheduled = False
        if not self._in_group or self._failure:
            return
        faults.point("judge.store.before_commit")
        waiters, self._waiters = self._waiters, []
        began = time.perf_counter()
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._fail(error, waiters)
            return
        self._in_group = False
        self.on_commit(time.perf_counter() - began)
        faults.point("judge.store.after_commit")
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        self.commit()
        self._connection.close()

    def _begin_group(self) -> None:
        if not self._in_group:
            self._connection.execute("BEGIN IMMEDIATE")
            self._in_group = True

    def _fail(self, error: sqlite3.Error, waiters: list["asyncio.Future[None]"]) -> None:
        failure = QuorateError(
            "store_failed",
            f"the database cannot be written: {error}",
            "storage",
            "check disk space and the file system",
        )
        self._failure = failure
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(failure)
        self._on_failure(failure)


def _open(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=1, isolation_level=None, cached_statements=256)
    try:
        _prepare(connection)
    except sqlite3.Error as error:
        raise QuorateError(
            "store_unusable",
            f"{path} cannot be opened: {error}",
            "storage",
            "is another judge running on it?",
        ) from None
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma in (
        "locking_mode = EXCLUSIVE",  # a second judge on the same directory must fail
        "journal_mode = WAL",
        "synchronous = FULL",
        "trusted_schema = OFF",
        f"cache_size = -{PAGE_CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    migrate(connection)
