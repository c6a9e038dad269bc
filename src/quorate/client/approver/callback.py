"""Asking a customer's own HTTP handler, in the co-signer callback format of the Fireblocks dialect.

A bare RS256 JWT goes out, a bare RS256 JWT by the handler's key comes back and repeats the request's id. No
answer, a late one, one that does not verify, a redirect: none of them approves anything.
"""

import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from quorate.client.approver import jwt
from quorate.client.approver.answer import ACTIONS, Answer
from quorate.client.approver.asked import Asked
from quorate.client.approver.payload import payload
from quorate.core.errors import QuorateError

PATH: Final = "/v2/tx_sign_request"
WITHIN: Final = 30.0
"""Seconds for the whole call."""
_LONGEST_REASON: Final = 200


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A request is answered where it was sent, or not at all."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Callback:
    """`url` is the base that the path is added to; `roots` a PEM file of CA certificates, None for the
    system's.
    """

    url: str
    key: RSAPrivateKey
    handler_key: str
    approver: str
    roots: Path | None = None
    within: float = WITHIN

    @property
    def name(self) -> str:
        return f"callback {urlsplit(self.url).netloc}"

    def ask(self, asked: Asked, request_id: str) -> Answer:
        """The handler's verified answer.

        Raises QuorateError: callback_unreachable, callback_answer.
        """
        token = jwt.sign(payload(asked, request_id, self.approver), self.key)
        said = jwt.verify(self._post(token).strip(), self.handler_key)
        action = said.get("action")
        if said.get("requestId") != request_id:
            raise QuorateError("callback_answer", "the answer is to another request", "peer")
        if action not in ACTIONS:
            raise QuorateError("callback_answer", f"{str(action)[:32]!r} is no action", "peer")
        return Answer(str(action), self.name, str(said.get("rejectionReason") or "")[:_LONGEST_REASON])

    def _post(self, token: str) -> str:
        request = urllib.request.Request(  # noqa: S310 - `check` allows http and https only
            self.url.rstrip("/") + PATH, data=token.encode("ascii"), headers={"Content-Type": "text/plain"}
        )
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect(), urllib.request.ProxyHandler({})]
        if self.url.startswith("https:"):
            context = ssl.create_default_context(cafile=None if self.roots is None else str(self.roots))
            handlers.append(urllib.request.HTTPSHandler(context=context))
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=self.within) as answer:
                if answer.status != 200:
                    raise QuorateError("callback_answer", f"the handler answered {answer.status}", "peer")
                content: bytes = answer.read(jwt.LONGEST + 1)
                return content.decode("ascii")
        except UnicodeDecodeError:
            raise QuorateError("callback_answer", "the answer is no JWT", "peer") from None
        except urllib.error.HTTPError as error:
            raise QuorateError("callback_answer", f"the handler answered {error.code}", "peer") from None
        except (OSError, HTTPException, ValueError) as error:
            raise QuorateError("callback_unreachable", f"{self.url}: {error}", "transport") from None


def check(url: str) -> str:
    """Raises QuorateError bad_url."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise QuorateError("bad_url", f"{url} is no http(s) address")
    return url
