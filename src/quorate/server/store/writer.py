"""The one writer: units of work from any task share a commit.

A thread takes whatever units are waiting, runs them in one transaction and commits once, so that 32
concurrent requests cost one fsync and not 32. A caller resumes only after the commit that holds its unit:
durable before visible.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from quorate.core.errors import QuorateError

T = TypeVar("T")
Unit = Callable[[Connection], T]
LARGEST_BATCH: Final = 64

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    """A unit and who waits for it; nobody for a lazy one."""

    unit: Unit[Any]
    future: "asyncio.Future[Any] | None"
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs units on its own thread. A unit may run twice (when its batch fails), so it only touches its
    connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, unit: Unit[T]) -> T:
        """The unit's result once it is durable. Raises what the unit raised, or QuorateError database when
        the commit failed."""
        job = _Job(unit, self._loop.create_future())
        self._jobs.put(job)
        assert job.future is not None  # noqa: S101
        result: T = await job.future
        return result

    def post(self, unit: Unit[None]) -> None:
        """Writes without waiting, in turn with the others."""
        self._jobs.put(_Job(unit, None))

    async def close(self) -> None:
        """Runs what is queued, then ends the thread."""
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while True:
                batch, last = self._take()
                if batch:
                    _commit(connection, batch)
                    self._deliver(batch)
                if last:
                    return

    def _take(self) -> tuple[list[_Job], bool]:
        """Waits for a job, then takes what else is there; True when the end mark was among it."""
        job = self._jobs.get()
        batch: list[_Job] = []
        while job is not None:
            batch.append(job)
            if len(batch) == LARGEST_BATCH:
                return batch, False
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return batch, False
        return batch, True

    def _deliver(self, batch: list[_Job]) -> None:
        try:
            self._loop.call_soon_threadsafe(_resolve, batch)
        except RuntimeError:  # the loop has ended; what is durable is durable
            log.debug("event loop closed before %d results were delivered", len(batch))


def _commit(connection: Connection, batch: list[_Job]) -> None:
    """All in one transaction; if one fails, each in its own, so that one bad unit spoils no other."""
    try:
        with connection.begin():
            for job in batch:
                job.result = job.unit(connection)
    except Exception:
        for job in batch:
            _commit_alone(connection, job)


def _commit_alone(connection: Connection, job: _Job) -> None:
    try:
        with connection.begin():
            job.result = job.unit(connection)
    except QuorateError as refusal:
        job.error = refusal
    except Exception as failure:
        log.exception("a write failed")
        job.error = QuorateError(
            "database", f"a write failed: {type(failure).__name__}", "storage", "see the server's log"
        )


def _resolve(batch: list[_Job]) -> None:
    for job in batch:
        if job.future is None or job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
