"""`python -m quorate.server.main --dir DIR`: runs a server until SIGTERM or SIGINT. SIGHUP reads
the charter again."""

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import uvicorn
import uvloop

from quorate.core.errors import QuorateError
from quorate.server.assembly import Server
from quorate.server.config import Config, load

GRACE = 5
"""Seconds that open HTTP requests get at the end."""
log = logging.getLogger(__name__)


class HttpServer(uvicorn.Server):
    """uvicorn without signal handlers of its own; `listening` is set once connections are taken."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> int:
    """Exit codes as docs say: 0 stopped, 2 bad input (one JSON line on stderr), 3 could not be done now."""
    arguments = argparse.ArgumentParser(prog="quorate-server", description=__doc__)
    arguments.add_argument(
        "--dir", type=Path, required=True, help="folder with server.json, charter.json, link.key, link.crt"
    )
    directory: Path = arguments.parse_args().dir
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    try:
        uvloop.run(run(load(directory)))
    except QuorateError as failure:
        error = {
            "code": failure.code,
            "message": failure.message,
            "whose": failure.whose,
            "hint": failure.hint,
        }
        print(json.dumps({"error": error}), file=sys.stderr)
        return 2 if failure.whose == "caller" else 3
    return 0


async def run(config: Config) -> None:
    """Serves until told to stop."""
    server = Server(config)
    stop = asyncio.Event()
    _handle_signals(server, stop)
    listening = _listen(config)
    try:
        await server.start()
        gc.collect()
        gc.freeze()  # what start-up made stays: collections during requests need not walk it
        http = HttpServer(_http_config(server))
        serving = asyncio.create_task(http.serve(sockets=[listening]))
        await http.listening.wait()
        _announce(config, listening, server.listener.port)
        await asyncio.wait({serving, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        http.should_exit = True
        await serving
    finally:
        _withdraw(config)
        await server.stop()


def _http_config(server: Server) -> uvicorn.Config:
    return uvicorn.Config(
        server.app,
        http="httptools",
        loop="none",
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE,
        backlog=1024,
    )


def _listen(config: Config) -> socket.socket:
    """Raises QuorateError http_port."""
    family = socket.AF_INET6 if ":" in config.http.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.http.host, config.http.port))
    except OSError as failure:
        listening.close()
        raise QuorateError(
            "http_port", f"cannot listen at {config.http}: {failure.strerror}", "caller"
        ) from None
    listening.set_inheritable(True)
    return listening


def _handle_signals(server: Server, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, _reload, server)


def _reload(server: Server) -> None:
    try:
        server.reload()
    except QuorateError as failure:
        log.error("the charter was not reloaded: %s", failure)


def _announce(config: Config, listening: socket.socket, link_port: int) -> None:
    """DIR/server.pid and DIR/server.ready, each written whole: who waits for them sees a server
    that serves."""
    http = f"{config.http.host}:{listening.getsockname()[1]}"
    ready = {"pid": os.getpid(), "http": http, "link": f"{config.link.host}:{link_port}"}
    _write(config.directory / "server.pid", f"{os.getpid()}\n")
    _write(config.directory / "server.ready", json.dumps(ready) + "\n")
    log.info("serving %s", ready)


def _withdraw(config: Config) -> None:
    for name in ("server.ready", "server.pid"):
        (config.directory / name).unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text)
    temporary.replace(path)


if __name__ == "__main__":
    sys.exit(main())
