"""What a server shows an approver, made here from a request that really was signed; and a place that serves
it, honest until a test changes it.
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from quorate.client.approver.record import NAME
from quorate.core.dialects.fireblocks import to_intent
from quorate.core.evidence import approval, token
from quorate.core.model.charter import dump_chain
from quorate.core.model.intent import Attempt, Intent, format_for
from quorate.core.model.statement import SignedStatement, from_json, to_json
from quorate.core.proto import link_pb2
from tests.core.spec.generate.encode import private_key
from tests.judge.bench import unsigned
from tests.judge.cluster import Cluster


@dataclass
class Request:
    """One request that waits. Tests put lies into `document`."""

    raw: link_pb2.RawRequest
    intent: Intent
    data: bytes
    document: dict[str, Any]

    @property
    def hash(self) -> str:
        return self.intent.hash.hex()


def request(
    cluster: Cluster, body: dict[str, Any], said: tuple[SignedStatement, ...] = (), data: bytes | None = None
) -> Request:
    """As an honest server shows it."""
    raw = cluster.user.request(body)
    intent = to_intent(raw.body, token.peek(raw.token), cluster.charter, cluster.keys)
    if data is None:
        data = b"" if intent.signs_messages else bytes_for(intent)
    attempt = Attempt(intent.hash, format_for(intent), data)
    shown = {"method": raw.method, "uri": raw.uri, "body": raw.body.hex(), "token": raw.token}
    document = {
        "intent_hash": intent.hash.hex(),
        "transaction": f"tx-{intent.hash.hex()[:8]}",
        "status": "PENDING_AUTHORIZATION",
        "request": shown,
        "intent": json.loads(intent.to_bytes()),
        "attempt": {"format": attempt.format, "bytes": data.hex(), "hash": attempt.hash.hex()},
        "statements": [to_json(signed) for signed in said],
        "approvals_missing": ["2 of group people"],
    }
    return Request(raw, intent, data, document)


def bytes_for(intent: Intent, **changes: Any) -> bytes:
    """An honest server's bytes for a transfer of ETH or a call, some fields replaced."""
    if intent.data is None:
        return unsigned(intent, **changes)
    assert intent.destination
    return unsigned(
        intent, **{"to": intent.destination.address, "data": intent.data, "gas": 300_000, **changes}
    )


def shown(place: "Place", body: dict[str, Any], **options: Any) -> Request:
    """A request that waits at a place."""
    made = request(place.cluster, body, **options)
    place.show(made)
    return made


def recorded(folder: Path) -> list[dict[str, Any]]:
    """What a machine approver has on record."""
    path = folder / "record" / NAME
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def said(place: "Place", who: str = "frank") -> list[tuple[str, str]]:
    """(verdict, intent) of each statement that was sent; all must verify, and be by that approver."""
    found = []
    for posted in place.posted:
        intent = posted["statement"]["intent"]
        entry = approval.verify(
            from_json(posted), place.cluster.charter, bytes.fromhex(intent), int(time.time())
        )
        assert entry.approver == who
        found.append((entry.verdict, intent))
    return found


@dataclass
class Place:
    """A server's native routes over a dictionary. `posted`: statements that came in; `refuse`: error codes
    for the next ones. `withheld`: ids of keys whose certificates are not shown.
    """

    cluster: Cluster
    url: str = ""
    requests: dict[str, Request] = field(default_factory=dict)
    posted: list[dict[str, Any]] = field(default_factory=list)
    refuse: list[str] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)
    """By the hash under which they are handed out."""
    withheld: set[str] = field(default_factory=set)

    def show(self, *requests: Request) -> None:
        self.requests |= {request.hash: request for request in requests}

    def get(self, path: str) -> tuple[int, Mapping[str, Any]]:
        if path == "/quorate/v1/keys":
            keys = self.cluster.certificates.items()
            return 200, {"keys": [c.to_json() for id, c in keys if id not in self.withheld]}
        if path == "/quorate/v1/intents":
            return 200, {"intents": [{"intent_hash": hash} for hash in self.requests]}
        document = self.documents.get(path.removeprefix("/quorate/v1/documents/"))
        if document is not None:
            return 200, {"document": document.hex()}
        found = self.requests.get(path.removeprefix("/quorate/v1/intents/"))
        return (200, found.document) if found else (404, error("intent_unknown"))

    def post(self, document: dict[str, Any]) -> tuple[int, Mapping[str, Any]]:
        if self.refuse:
            return 409, error(self.refuse.pop(0))
        self.posted.append(document)
        return 200, {"status": "PENDING_AUTHORIZATION", "approvals_missing": []}


def error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "as the test wants it", "whose": "state", "hint": ""}}


@contextmanager
def serving(place: Place) -> Iterator[Place]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*place.get(self.path))

        def do_POST(self) -> None:
            self._answer(*place.post(json.loads(self.rfile.read(int(self.headers["Content-Length"])))))

        def _answer(self, status: int, document: Mapping[str, Any]) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()


def charter_file(cluster: Cluster, folder: Path) -> Path:
    path = folder / "charter.json"
    path.write_bytes(dump_chain([cluster.document]))
    return path


def key_file(name: str, folder: Path) -> Path:
    """The private key of a person in the examples, as ssh-keygen reads it."""
    path = folder / name
    key = private_key(f"{name}/ssh")
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    return path
