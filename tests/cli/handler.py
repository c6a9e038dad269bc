"""A customer's handler of the co-signer callback: it answers as the test says, honestly or not."""

import base64
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@dataclass
class Handler:
    """`answer` makes the HTTP body of an answer from the payload that was asked; by default it approves."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    cosigner: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    answer: Callable[["Handler", dict[str, Any]], str] = lambda self, asked: self.say(asked, "APPROVE")
    status: int = 200
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""

    def say(self, asked: dict[str, Any], action: str, **more: Any) -> str:
        return self.jwt({"action": action, "requestId": asked["requestId"], **more})

    def jwt(
        self, payload: dict[str, Any], *, alg: str = "RS256", key: rsa.RSAPrivateKey | None = None
    ) -> str:
        signed = ".".join(
            _encode(json.dumps(part).encode()) for part in ({"alg": alg, "typ": "JWT"}, payload)
        )
        return f"{signed}.{_encode((key or self.key).sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"

    def take(self, path: str, text: str) -> str:
        """Verifies what came, as the handler's owner does, then answers."""
        head, body, signature = text.split(".")
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        self.cosigner.public_key().verify(raw, f"{head}.{body}".encode(), padding.PKCS1v15(), SHA256())
        assert _decode(head) == {"alg": "RS256", "typ": "JWT"}
        payload: dict[str, Any] = _decode(body)
        self.asked.append(payload)
        self.paths.append(path)
        time.sleep(self.delay)
        return self.answer(self, payload)

    def key_files(self, folder: Path) -> tuple[Path, Path]:
        """(private key of the approver's side, public key of the handler)."""
        private, public = folder / "cosigner.pem", folder / "handler.pub.pem"
        private.write_bytes(self.cosigner.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public.write_bytes(
            self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
        return private, public


def _other_key(self: Handler, asked: dict[str, Any]) -> str:
    stranger = rsa.generate_private_key(65537, 2048)
    return self.jwt({"action": "APPROVE", "requestId": asked["requestId"]}, key=stranger)


def _unsigned(self: Handler, asked: dict[str, Any]) -> str:
    head, body, _ = self.jwt({"action": "APPROVE", "requestId": asked["requestId"]}, alg="none").split(".")
    return f"{head}.{body}."


BAD_ANSWERS: dict[str, Callable[[Handler, dict[str, Any]], str]] = {
    "retry": lambda self, asked: self.say(asked, "RETRY"),
    "empty": lambda self, asked: "",
    "plain JSON": lambda self, asked: json.dumps({"action": "APPROVE", "requestId": asked["requestId"]}),
    "unknown action": lambda self, asked: self.say(asked, "YES"),
    "action in lower case": lambda self, asked: self.say(asked, "approve"),
    "no action": lambda self, asked: self.jwt({"requestId": asked["requestId"]}),
    "action as a list": lambda self, asked: self.jwt(
        {"action": ["APPROVE"], "requestId": asked["requestId"]}
    ),
    "no request id": lambda self, asked: self.jwt({"action": "APPROVE"}),
    "another request id": lambda self, asked: self.jwt({"action": "APPROVE", "requestId": "other"}),
    "another key": _other_key,
    "another algorithm": lambda self, asked: self.jwt(
        {"action": "APPROVE", "requestId": asked["requestId"]}, alg="RS512"
    ),
    "no algorithm": _unsigned,
    "what was asked, sent back": lambda self, asked: self.jwt(
        {**asked, "action": "APPROVE"}, key=self.cosigner
    ),
    "a changed byte": lambda self, asked: self.say(asked, "APPROVE")[:-2] + "AA",
    "four parts": lambda self, asked: self.say(asked, "APPROVE") + ".x",
    "beyond ASCII": lambda self, asked: "é",
    "too long": lambda self, asked: "A" * 100_000,
}
"""Name -> what an honest approver must take for no answer."""


@contextmanager
def handling(handler: Handler) -> Iterator[Handler]:
    class Http(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            content = handler.take(self.path, text).encode()
            self.send_response(handler.status)
            for name, value in handler.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            with contextlib.suppress(BrokenPipeError):  # who asked has given up
                self.end_headers()
                self.wfile.write(content)

        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Http)
    handler.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield handler
    finally:
        server.shutdown()
        server.server_close()
