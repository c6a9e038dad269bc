"""A small HTTP server that answers as a chain's nodes do, or as hostile ones do."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """`pause`: seconds before each byte. `claimed`: another Content-Length than the body's."""

    body: bytes = b""
    status: int = 200
    pause: float = 0.0
    claimed: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    method: str
    path: str
    body: bytes
    authorization: str | None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Asked], Reply]


class Front:
    """`answer` may be exchanged while it runs; `asked` is all that was asked so far."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(front) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(self.command, self.path, body, self.headers.get("Authorization"))
                front.asked.append(asked)
                _send(self, front.answer(asked))

            do_GET = do_POST = _any

            def log_message(self, *args: object) -> None:
                pass

        return Handler


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    length = len(reply.body) if reply.claimed is None else reply.claimed
    handler.send_response(reply.status)
    for name, value in {"Content-Length": str(length), **reply.headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    try:
        for at in range(len(reply.body)) if reply.pause else ():
            time.sleep(reply.pause)
            handler.wfile.write(reply.body[at : at + 1])
            handler.wfile.flush()
        if not reply.pause:
            handler.wfile.write(reply.body)
    except OSError:  # the client had enough
        handler.close_connection = True


@contextmanager
def front(answer: Answer) -> Iterator[Front]:
    running = Front(answer)
    try:
        yield running
    finally:
        running.close()


def as_json(value: Any) -> Reply:
    return Reply(json.dumps(value).encode())


def text(value: str) -> Reply:
    return Reply(value.encode())


NOT_FOUND = Reply(b"not found", 404)


class RpcError(Exception):
    """A node's own refusal: code and message."""


def rpc(methods: dict[str, Any]) -> Answer:
    """JSON-RPC: each method has a fixed result, or a function of its parameters. HTTP 500 with errors, as
    Bitcoin Core answers them."""

    def answer(asked: Asked) -> Reply:
        call = asked.json
        known = {"jsonrpc": "2.0", "id": call["id"]}
        try:
            if call["method"] not in methods:
                raise RpcError(-32601, "Method not found")
            found = methods[call["method"]]
            return as_json({**known, "result": found(*call["params"]) if callable(found) else found})
        except RpcError as refusal:
            code, message = refusal.args
            body = json.dumps({**known, "error": {"code": code, "message": message}})
            return Reply(body.encode(), 500)

    return answer
