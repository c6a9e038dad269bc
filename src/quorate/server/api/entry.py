"""The outermost layer: the stamp of the first byte, the request counter, and the last word on what
nobody caught."""

import logging
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quorate.server import clock
from quorate.server.api.fireblocks.errors import BUG, error_body
from quorate.server.metrics import Metrics

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
log = logging.getLogger(__name__)


class Entry:
    """An ASGI application around the real one."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["received_us"] = clock.microseconds()
        method = scope["method"] if scope["method"] in METHODS else "other"
        started = False

        async def counted(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._metrics.request(method, message["status"])
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception:
            log.exception("%s %s", method, scope["path"])
            if not started:
                await error_body(BUG, "internal: the server failed on this request")(scope, receive, counted)
