"""/v1/supported_assets: what the charter names."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from quorate.server.api.fireblocks import present_asset
from quorate.server.api.fireblocks.door import Door, json_response
from quorate.server.service.context import Context


class AssetRoutes:
    def __init__(self, ctx: Context, door: Door) -> None:
        self._ctx = ctx
        self._door = door

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/supported_assets", self.list, methods=["GET"])

    async def list(self, request: Request) -> Response:
        await self._door.enter(request)
        charter = self._ctx.book.charter
        return json_response([present_asset.asset(asset, charter) for asset in charter.assets])
