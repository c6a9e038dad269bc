"""Calls to the server's native routes. The standard library is enough: a handful of JSON calls, none of
which is trusted.
"""

import json
import urllib.error
import urllib.request
from typing import Any, Final
from urllib.parse import urlsplit

from quorate.core.errors import QuorateError

LOCAL: Final = "http://127.0.0.1:8080"
"""Where a server listens unless it was told otherwise."""
_LONGEST: Final = 16 << 20


def call(base_url: str, path: str, body: object | None = None, *, timeout: float = 30) -> dict[str, Any]:
    """GET, or POST when there is a body; returns the JSON object of the answer.

    Raises QuorateError with the server's own code where it gives one; unreachable (transport) when it does
    not answer.
    """
    if urlsplit(base_url).scheme not in ("http", "https"):
        raise QuorateError("bad_url", f"{base_url} is no http(s) address")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        base_url.rstrip("/") + path, data=data, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return _object(answer.read(_LONGEST))
    except urllib.error.HTTPError as error:
        raise _refusal(error.code, error.read(_LONGEST)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise QuorateError(
            "unreachable", f"{base_url} does not answer: {reason}", "transport", "is the server running?"
        ) from None


def _object(content: bytes) -> dict[str, Any]:
    document = json.loads(content)
    if not isinstance(document, dict):
        raise ValueError("the answer is not a JSON object")
    return document


def _refusal(status: int, content: bytes) -> QuorateError:
    try:
        error = _object(content).get("error", {})
        return QuorateError(
            str(error["code"]),
            str(error["message"]),
            str(error.get("whose", "caller")),
            str(error.get("hint", "")),
        )
    except (ValueError, KeyError, TypeError):
        return QuorateError("http", f"the server answered {status}", "transport")
