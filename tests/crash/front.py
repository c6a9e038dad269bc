"""A server that lies about the first answer: a small HTTP front between a client and the real server, which
owns the real server's database as a hostile operator would.
"""

import json
import sqlite3
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Final, Self

FAULT: Final = (500, b'{"message": "internal error", "code": 1599}')
UNKNOWN: Final = (404, b'{"message": "transaction_missing: there is no such transaction", "code": 1405}')
Reply = tuple[int, bytes]


class Front:
    """Passes everything on and answers as it came, except where `lie` says otherwise. `posts` counts the
    POSTs of each externalTxId that came in, `passed` those that went on.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self.posts: Counter[str] = Counter()
        self.passed: list[tuple[str, Reply]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.answer))
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        if method != "POST" or path != "/v1/transactions":
            return self.look_up(path, lambda: self.forward(method, path, headers, body))
        id = str(json.loads(body)["externalTxId"])
        self.posts[id] += 1

        def send() -> Reply:
            reply = self.forward(method, path, headers, body)
            self.passed.append((id, reply))
            return reply

        return self.post(id, self.posts[id], send)

    def post(self, id: str, number: int, send: Callable[[], Reply]) -> Reply:
        """The answer to the `number`th POST of an externalTxId. Here: the truth."""
        return send()

    def look_up(self, path: str, send: Callable[[], Reply]) -> Reply:
        """The answer to a GET. Here: the truth."""
        return send()

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        kept = {
            name: value for name, value in headers.items() if name.lower() in ("authorization", "x-api-key")
        }
        request = urllib.request.Request(self._server + path, body or None, kept, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()


class SaysItFailed(Front):
    """Acts on the first POST and calls it a failure."""

    def post(self, id: str, number: int, send: Callable[[], Reply]) -> Reply:
        reply = send()
        return FAULT if number == 1 else reply


class KeepsItBack(Front):
    """Calls the first POST a failure, and acts on it once the client has sent it again."""

    def __init__(self, server: str) -> None:
        super().__init__(server)
        self._kept: dict[str, Callable[[], Reply]] = {}

    def post(self, id: str, number: int, send: Callable[[], Reply]) -> Reply:
        if number == 1:
            self._kept[id] = send
            return FAULT
        reply = send()
        if id in self._kept:
            self._kept.pop(id)()
        return reply


class TakesItForNew(Front):
    """Acts on the first POST, calls it a failure, denies that it knows the request, and makes its own records
    forget the externalTxId, so that the next POST is new to it.
    """

    def __init__(self, server: str, database: Path) -> None:
        super().__init__(server)
        self._database = database
        self.forgotten = 0

    def post(self, id: str, number: int, send: Callable[[], Reply]) -> Reply:
        self._forget(id)
        reply = send()
        return FAULT if number == 1 else reply

    def look_up(self, path: str, send: Callable[[], Reply]) -> Reply:
        reply = send()
        return UNKNOWN if "/external_tx_id/" in path else reply

    def _forget(self, id: str) -> None:
        with sqlite3.connect(self._database, timeout=10) as connection:
            sql = "UPDATE transactions SET external_id = NULL WHERE external_id = ?"
            self.forgotten += connection.execute(sql, (id,)).rowcount


def _handler(answer: Callable[[str, str, dict[str, str], bytes], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            status, content = answer(self.command, self.path, dict(self.headers), body)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    return Handler
