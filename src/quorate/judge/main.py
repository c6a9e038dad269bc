"""`python -m quorate.judge.main --dir DIR --keeper-fd FD [--server HOST:PORT]`: the judge's process.

Exit codes: 0 stopped by a signal, 2 bad configuration, 3 the keeper is gone or the database cannot be
written. The last line on stderr says why.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from quorate.core.errors import QuorateError
from quorate.judge import isolation
from quorate.judge.assembly import assemble
from quorate.judge.clock import now_ms
from quorate.judge.config import Config, read_config
from quorate.judge.journal import Journal, stderr_journal
from quorate.judge.link import Link, Target
from quorate.judge.local_socket import LocalSocket
from quorate.judge.metrics.door import MetricsDoor
from quorate.judge.metrics.exposition import Exposition
from quorate.judge.state import SignerState
from quorate.judge.store.store import Store, open_store
from quorate.judge.tls import read_own, server_name

BAD_INPUT = 2
NOT_NOW = 3
MAX_KEEPER_MESSAGE = 4 << 20


async def serve(config: Config, connection: socket.socket, keeper: isolation.Peer, journal: Journal) -> None:
    """Runs until SIGTERM or SIGINT. Raises QuorateError when keeper or database fail."""
    failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_failure(error: QuorateError) -> None:
        if not failure.done():
            failure.set_exception(error)

    store = open_store(config.database, config.id, on_failure)
    try:
        await _serve_over(store, config, connection, keeper, journal, failure)
    finally:
        store.db.close()


async def _serve_over(
    store: Store,
    config: Config,
    connection: socket.socket,
    keeper: isolation.Peer,
    journal: Journal,
    failure: "asyncio.Future[None]",
) -> None:
    reader, writer = await asyncio.open_connection(sock=connection, limit=MAX_KEEPER_MESSAGE)
    judge = assemble(config, store, reader, writer, now_ms, journal)
    judge.state.keeper_pid = keeper.pid
    judge.state.isolation = isolation.of(keeper)
    link = Link(lambda: _target(judge.state, config), judge.server_side, journal)
    judge.outbox.bind(link.send)
    judge.activation.on_change = link.restart
    local = LocalSocket(config.socket, judge, lambda: link.connected)

    keeper_task = asyncio.create_task(judge.keeper.run(), name="keeper")
    try:
        await _or_gone(keeper_task, judge.load())
        parts = [link.run(), judge.log.run(), judge.start.run(), judge.activation.run(), local.serve()]
        if config.metrics is not None:
            text = Exposition(judge, lambda: link.connected).text
            parts.append(MetricsDoor(config.metrics, text, journal).serve())
        await _run_until_stopped([keeper_task, failure], parts)
        await judge.log.checkpoint()
    finally:
        keeper_task.cancel()
        await asyncio.gather(keeper_task, return_exceptions=True)
        writer.close()


async def _or_gone(keeper_task: "asyncio.Task[None]", step: "Coroutine[Any, Any, None]") -> None:
    """The step, or the keeper's end if that comes first: what it says is the reason."""
    task = asyncio.ensure_future(step)
    await asyncio.wait([task, keeper_task], return_when=asyncio.FIRST_COMPLETED)
    if keeper_task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        keeper_task.result()
    await task


async def _run_until_stopped(
    vital: "list[asyncio.Future[None]]", parts: "list[Coroutine[Any, Any, None]]"
) -> None:
    """Ends at a signal, or with the first failure of anything."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    tasks = [asyncio.create_task(part) for part in parts]
    stop = asyncio.create_task(stopped.wait())
    try:
        waiting: list[asyncio.Future[Any]] = [*vital, *tasks, stop]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for finished in done:
            finished.result()
    finally:
        for task in (*tasks, stop):
            task.cancel()
        await asyncio.gather(*tasks, stop, return_exceptions=True)


def _keeper_connection(fd: int) -> socket.socket:
    """Raises QuorateError keeper_fd."""
    try:
        return socket.socket(fileno=fd)
    except OSError as error:
        raise QuorateError("keeper_fd", f"--keeper-fd {fd} is not a socket: {error}") from None


def _target(state: SignerState, config: Config) -> Target | None:
    """Where to dial; None until a charter says what the server's certificate is."""
    charter = state.charter
    if charter is None:
        return None
    key, certificate = read_own(config.directory)
    root = charter.server_link_certificate
    return Target(config.server, server_name(root), root.encode(), key, certificate)


def main() -> int:
    parser = argparse.ArgumentParser(prog="quorate.judge.main", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, dest="directory")
    parser.add_argument("--keeper-fd", type=int, required=True)
    parser.add_argument("--server", metavar="HOST:PORT")
    arguments = parser.parse_args()
    os.umask(0o077)
    try:
        config = read_config(arguments.directory, arguments.server)
        journal = stderr_journal(config.id)
        connection = _keeper_connection(arguments.keeper_fd)
        asyncio.run(serve(config, connection, isolation.ask_who(connection), journal))
    except QuorateError as error:
        document = {"code": error.code, "message": error.message, "whose": error.whose, "hint": error.hint}
        print(json.dumps({"error": document}), file=sys.stderr, flush=True)
        return BAD_INPUT if error.whose == "caller" else NOT_NOW
    journal("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
