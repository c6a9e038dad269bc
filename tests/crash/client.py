"""A careful client: it never takes silence for a no.

Every request has an externalTxId. After a 5xx, a broken connection or a time-out the client looks the request
up by it, and sends it again, under the same id and with a new token, only when the server does not know it.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from tests.crash.site import User
from tests.server import tokens

FINAL: Final = ("COMPLETED", "FAILED", "BLOCKED", "REJECTED", "CANCELLED")
TIMEOUT: Final = 15.0
PAUSE: Final = 0.15
SENT_AT_MOST: Final = 4
"""A request that was REJECTED was acted on by nobody: it is sent again, but not for ever."""
KNOWN: Final = 1438
"""The dialect's code for an externalTxId that belongs to another request: the first try got through."""


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    body: Any

    @property
    def is_fault(self) -> bool:
        return self.status >= 500


@dataclass
class Outcome:
    """How a request ended, in the server's words; `sent` counts the POSTs."""

    status: str
    row: dict[str, Any]
    sent: int

    @property
    def reason(self) -> str:
        words = [str(message["message"]) for message in self.row.get("systemMessages", ())]
        return "; ".join([str(self.row.get("subStatus", "")), *words])


class Client:
    """One API user. `url` may change when another server takes over."""

    def __init__(self, user: User, url: str | Callable[[], str]) -> None:
        self._user = user
        self._url = url if callable(url) else lambda: url
        self._http = httpx2.AsyncClient(timeout=TIMEOUT)

    async def close(self) -> None:
        await self._http.aclose()

    async def call(self, method: str, path: str, body: object = None) -> Answer | None:
        """None when there was no answer."""
        content = b"" if body is None else json.dumps(body).encode()
        token = tokens.make(self._user, tokens.claims(self._user, path, content))
        headers = {"Authorization": f"Bearer {token}", "X-API-Key": self._user.id}
        try:
            answer = await self._http.request(method, self._url() + path, content=content, headers=headers)
            return Answer(answer.status_code, answer.json())
        except (httpx2.HTTPError, ValueError):
            return None

    async def sure(self, method: str, path: str, body: object = None) -> Any:
        """A call that may be repeated, to its success. Raises AssertionError when it is refused."""
        while True:
            answer = await self.call(method, path, body)
            if answer is not None and not answer.is_fault:
                assert answer.status < 400, (path, answer)
                return answer.body
            await asyncio.sleep(PAUSE)

    async def settle(self, body: dict[str, Any], within: float) -> Outcome:
        """Sends a request and follows it to its end, through whatever happens to the server.

        Raises TimeoutError when it has no end within that many seconds.
        """
        until = time.monotonic() + within
        row: dict[str, Any] = {}
        sent = 0
        while time.monotonic() < until:
            if row.get("status") in FINAL and (row["status"] != "REJECTED" or sent >= SENT_AT_MOST):
                return Outcome(row["status"], row, sent)
            if not row or row["status"] == "REJECTED":
                sent += 1
                await self._send(body)
            found = await self._look_up(body["externalTxId"])
            row = found if found is not None else row
            await asyncio.sleep(PAUSE if row.get("status") != "REJECTED" else PAUSE * 10)
        raise TimeoutError(f"{body['externalTxId']} has no end: {row}")

    async def _send(self, body: dict[str, Any]) -> None:
        """Raises AssertionError when the request itself is at fault."""
        answer = await self.call("POST", "/v1/transactions", body)
        if answer is not None and 400 <= answer.status < 500:
            assert answer.body["code"] == KNOWN, (answer, body)

    async def _look_up(self, external_id: str) -> dict[str, Any] | None:
        """The row; empty when the server knows of none; None when it does not say."""
        answer = await self.call("GET", f"/v1/transactions/external_tx_id/{external_id}")
        if answer is None or answer.is_fault:
            return None
        return dict(answer.body) if answer.status == 200 else {}
