"""The HTTP application: routes of each door, and the error form of each."""

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from quorate.core.errors import QuorateError
from quorate.server.api.entry import Entry
from quorate.server.api.fireblocks.assets import AssetRoutes
from quorate.server.api.fireblocks.door import Door
from quorate.server.api.fireblocks.errors import Answer, documented_errors, error_body, error_response
from quorate.server.api.fireblocks.transactions import TransactionRoutes
from quorate.server.api.fireblocks.vaults import VaultRoutes
from quorate.server.api.fireblocks.wallets import WalletRoutes
from quorate.server.api.operations import OperationRoutes
from quorate.server.api.quorate.documents import DocumentRoutes
from quorate.server.api.quorate.errors import native_error
from quorate.server.api.quorate.governance import GovernanceRoutes
from quorate.server.api.quorate.routes import NativeRoutes
from quorate.server.service.charter.ceremonies import Ceremonies
from quorate.server.service.charter.governance import Governance
from quorate.server.service.context import Context
from quorate.server.service.runner import Runner

NATIVE = "/quorate/v1"


def application(ctx: Context, runner: Runner, ceremonies: Ceremonies, governance: Governance) -> ASGIApp:
    """Everything the HTTP port serves."""
    app = FastAPI(title="Quorate", version="1", docs_url=None, redoc_url=None, redirect_slashes=False)
    door = Door(ctx)
    dialect = APIRouter(prefix="/v1", tags=["fireblocks"], responses=documented_errors())
    for routes in (
        TransactionRoutes(
            ctx, door, runner
        ),  # first, because routes are tried in order and these are called most
        AssetRoutes(ctx, door),
        VaultRoutes(ctx, door),
        WalletRoutes(ctx, door),
    ):
        routes.add_to(dialect)
    app.include_router(dialect)
    native = APIRouter(prefix=NATIVE, tags=["quorate"])
    NativeRoutes(ctx, ceremonies, governance).add_to(native)
    GovernanceRoutes(ctx, governance).add_to(native)
    DocumentRoutes(ctx, governance.documents).add_to(native)
    app.include_router(native)
    OperationRoutes(ctx).add_to(app.router)
    app.add_exception_handler(QuorateError, _refused)
    app.add_exception_handler(HTTPException, _unknown)
    return Entry(app, ctx.metrics)


async def _refused(request: Request, failure: Exception) -> Response:
    if not isinstance(failure, QuorateError):
        raise failure
    return native_error(failure) if request.url.path.startswith(NATIVE) else error_response(failure)


async def _unknown(request: Request, failure: Exception) -> Response:
    """Starlette's own verdicts: no such route (404), no such method (405)."""
    status = failure.status_code if isinstance(failure, HTTPException) else 500
    code, words = (
        ("method_unknown", "this route has no such method")
        if status == 405
        else ("route_unknown", "there is no such route")
    )
    if request.url.path.startswith(NATIVE):
        return native_error(QuorateError(code, words), status)
    return error_body(Answer(status, status), f"{code}: {words}")
