"""/healthz, /readyz, /metrics: for whoever runs the process."""

from functools import partial

from fastapi import APIRouter
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from quorate.server.api.fireblocks.door import json_response
from quorate.server.service.context import Context


class OperationRoutes:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/healthz", self.health, methods=["GET"])
        router.add_api_route("/readyz", self.ready, methods=["GET"])
        router.add_api_route("/metrics", self.metrics, methods=["GET"])

    async def health(self, request: Request) -> Response:
        """200 while the process answers."""
        return json_response({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """200 when a request could be signed now: the store answers and t signers may vote."""
        await self._ctx.database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
        needed, ready = self._ctx.book.charter.threshold, sorted(self._ctx.hub.ready())
        answer = json_response({"ready": len(ready) >= needed, "signers": ready, "needed": needed})
        answer.status_code = 200 if len(ready) >= needed else 503
        return answer

    async def metrics(self, request: Request) -> Response:
        exposition = partial(Response, media_type="text/plain; version=0.0.4; charset=utf-8")
        return exposition(self._ctx.metrics.exposition())
