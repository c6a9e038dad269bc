"""Asks the keeper over the socketpair, in order, and lets nothing out before the blobs it sent are on disk.

The keeper answers each request once and in order. A reply passes three stations: its blobs and its records
are staged in one unit of the database; the group is committed; then its events go out, and after them its
reply. No reply overtakes another.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from google.protobuf.message import DecodeError

from quorate.core import faults
from quorate.core.errors import QuorateError, Refused
from quorate.core.proto import keeper_pb2 as pb
from quorate.judge.metrics.measures import Measures
from quorate.judge.store.blobs import Blobs
from quorate.judge.store.database import Database

MAX_FRAME: Final = 4 << 20
MAX_WAITING: Final = 256
"""Replies read but not yet let out. Bounds memory; the keeper waits when its socket is full."""

Record = Callable[[pb.FromKeeper], None]
"""Writes what a reply means into the current unit. It may raise Refused: the asker gets the refusal, and only
the keeper's blobs are kept. Any other failure would leave keeper and database apart: nothing of the reply is
kept, and the judge ends. It comes back with the state before the reply, on both sides.
"""


class EventSink(Protocol):
    """What the keeper says without being asked: first recorded, then let out."""

    def record(self, event: pb.Event) -> None: ...

    def emit(self, event: pb.Event) -> None: ...


@dataclass(slots=True)
class _Asked:
    id: int
    record: Record | None
    answer: "asyncio.Future[pb.FromKeeper]"


@dataclass(slots=True)
class _Staged:
    reply: pb.FromKeeper
    asked: _Asked
    failure: Refused | None
    durable: "asyncio.Future[None] | None"


class KeeperClient:
    """One per keeper. `run` ends only with an exception: keeper_gone, keeper_broken or the failure of the
    database.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        db: Database,
        blobs: Blobs,
        events: EventSink,
        measures: Measures,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._db = db
        self._blobs = blobs
        self._events = events
        self._measures = measures
        self._asked: deque[_Asked] = deque()
        self._staged: asyncio.Queue[_Staged] = asyncio.Queue(MAX_WAITING)
        self._last_id = 0
        self._gone: QuorateError | None = None

    async def ask(self, request: pb.ToKeeper, record: Record | None = None) -> pb.FromKeeper:
        """The reply, durable as far as it must be. Raises QuorateError with the keeper's own code where it
        answers an error.
        """
        if self._gone:
            raise self._gone
        self._last_id += 1
        request.id = self._last_id
        frame = request.SerializeToString()
        if len(frame) > MAX_FRAME:
            raise QuorateError(
                "keeper_frame", f"a message of {len(frame)} bytes is too long for the keeper", "caller"
            )
        asked = _Asked(self._last_id, record, asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        self._writer.write(len(frame).to_bytes(4, "big") + frame)
        with suppress(ConnectionError):  # `run` notices too, and tells everybody who waits
            await self._writer.drain()
        began = time.perf_counter()
        try:
            return await asked.answer
        finally:
            self._measures.keeper_took(request.WhichOneof("request") or "none", time.perf_counter() - began)

    async def run(self) -> None:
        """Reads replies until the keeper is gone. Fails everybody who still waits."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._stage_all(), name="keeper-read")
                group.create_task(self._let_out_all(), name="keeper-out")
        except BaseExceptionGroup as failures:
            raise self._end(failures.exceptions[0]) from None

    async def _stage_all(self) -> None:
        while True:
            await self._staged.put(self._stage(await self._read()))

    async def _read(self) -> pb.FromKeeper:
        try:
            length = int.from_bytes(await self._reader.readexactly(4), "big")
            if length > MAX_FRAME:
                raise _broken(f"it announced a message of {length} bytes")
            return pb.FromKeeper.FromString(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            raise QuorateError(
                "keeper_gone",
                "the keeper closed its socket or died",
                "state",
                "start the signer again: quorate signer run",
            ) from None
        except DecodeError:
            raise _broken("its message cannot be decoded") from None

    def _stage(self, reply: pb.FromKeeper) -> _Staged:
        if not self._asked or self._asked[0].id != reply.id:
            raise _broken(f"it answered request {reply.id}, which is not the next one")
        asked = self._asked.popleft()
        if not (reply.persist or reply.events or asked.record):
            return _Staged(reply, asked, None, None)
        try:
            with self._db.unit():
                self._blobs.put((blob.name, blob.content) for blob in reply.persist)
                for event in reply.events:
                    self._events.record(event)
                failure = self._record(asked, reply)
        except Exception as error:
            self._asked.appendleft(asked)
            raise QuorateError(
                "record_failed",
                f"what the keeper answered cannot be put on file: {error!r}",
                "bug",
                "report this",
            ) from error
        return _Staged(reply, asked, failure, self._db.durable())

    def _record(self, asked: _Asked, reply: pb.FromKeeper) -> Refused | None:
        """The asker's part, in a unit of its own, so that a refusal leaves no half of it behind."""
        if asked.record is None or reply.HasField("error"):
            return None
        try:
            with self._db.unit():
                asked.record(reply)
        except Refused as refusal:
            return refusal
        return None

    async def _let_out_all(self) -> None:
        while True:
            staged = await self._staged.get()
            if staged.durable:
                faults.point("judge.keeper.before_durable")
                await staged.durable
                faults.point("judge.keeper.after_durable")
            for event in staged.reply.events:
                self._events.emit(event)
            _answer(staged)

    def _end(self, cause: BaseException) -> BaseException:
        if isinstance(cause, QuorateError):
            self._gone = cause
        else:
            self._gone = QuorateError(
                "keeper_client", f"the keeper's replies cannot be handled: {cause!r}", "bug"
            )
        waiting = [*self._asked, *(self._staged.get_nowait().asked for _ in range(self._staged.qsize()))]
        for asked in waiting:
            if not asked.answer.done():
                asked.answer.set_exception(self._gone)
                asked.answer.exception()  # read once, so that an asker that gave up leaves no warning behind
        return cause


def _answer(staged: _Staged) -> None:
    answer = staged.asked.answer
    if answer.done():
        return
    if staged.reply.HasField("error"):
        error = staged.reply.error
        answer.set_exception(
            QuorateError(
                error.code, error.message, error.whose or "bug", error.hint, culprits=tuple(error.culprits)
            )
        )
    elif staged.failure is not None:
        answer.set_exception(staged.failure)
    else:
        answer.set_result(staged.reply)


def _broken(what: str) -> QuorateError:
    return QuorateError("keeper_broken", f"the keeper broke its protocol: {what}", "bug", "report this")
