"""/v1/vault: accounts."""

from functools import partial
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from quorate.server.api.fireblocks import paging, present_vault, schemas
from quorate.server.api.fireblocks.door import Caller, Door, json_response
from quorate.server.api.fireblocks.errors import bad_request
from quorate.server.api.fireblocks.query import Query, account_number
from quorate.server.service.context import Context
from quorate.server.service.vault.change_vault_account import account_missing, change_vault_account
from quorate.server.service.vault.create_vault_account import create_vault_account
from quorate.server.service.vault.refresh_balance import refresh_balance
from quorate.server.store import vaults

LARGEST_PAGE: Final = 500
FILTERS: Final = ("namePrefix", "nameSuffix", "assetId", "orderBy", "before", "after", "limit")
UNSERVED: Final = ("minAmountThreshold", "tagIds", "includeTagIds", "excludeTagIds")


class VaultRoutes:
    def __init__(self, ctx: Context, door: Door) -> None:
        self._ctx = ctx
        self._door = door

    def add_to(self, router: APIRouter) -> None:
        add = router.add_api_route
        add(
            "/vault/accounts",
            self.create,
            methods=["POST"],
            openapi_extra=schemas.documented(schemas.CreateVaultAccount),
        )
        add("/vault/accounts_paged", self.list, methods=["GET"])
        add("/vault/accounts/{account}", self.get, methods=["GET"])
        add(
            "/vault/accounts/{account}",
            self.rename,
            methods=["PUT"],
            openapi_extra=schemas.documented(schemas.UpdateVaultAccount),
        )
        add("/vault/accounts/{account}/hide", self.hide, methods=["POST"])
        add("/vault/accounts/{account}/unhide", self.unhide, methods=["POST"])
        extra = schemas.documented(schemas.SetCustomerRefId)
        add(
            "/vault/accounts/{account}/set_customer_ref_id",
            self.set_reference,
            methods=["POST"],
            openapi_extra=extra,
        )
        extra = schemas.documented(schemas.SetAutoFuel)
        add(
            "/vault/accounts/{account}/set_auto_fuel",
            self.set_auto_fuel,
            methods=["POST"],
            openapi_extra=extra,
        )

    async def create(self, request: Request) -> Response:
        caller = await self._door.enter(request, write=True)
        body = schemas.read(schemas.CreateVaultAccount, caller.body)
        if body.autoAssign or body.vaultType not in (None, "MPC"):
            raise bad_request("autoAssign and vault types other than MPC are not served")
        return await self._door.once(
            caller,
            lambda call: create_vault_account(
                self._ctx,
                call,
                lambda row: present_vault.account(row, [], self._ctx.book),
                name=body.name or "",
                hidden=body.hiddenOnUI or False,
                auto_fuel=body.autoFuel or False,
                customer_ref_id=body.customerRefId,
            ),
        )

    async def list(self, request: Request) -> Response:
        """Paging style (b) of the dialect: `before` and `after` are account ids."""
        await self._door.enter(request)
        query = Query(request, FILTERS + UNSERVED)
        query.unsupported(*UNSERVED)
        wanted = vaults.AccountFilter(
            name_prefix=query.text("namePrefix"),
            name_suffix=query.text("nameSuffix"),
            asset=query.text("assetId"),
            descending=query.choice("orderBy", ("ASC", "DESC")) != "ASC",
            limit=query.integer("limit", 1, LARGEST_PAGE) or LARGEST_PAGE,
        )
        position, backwards = paging.position_of(query)
        rows = await self._ctx.database.read(lambda c: vaults.page_accounts(c, wanted, position, backwards))
        rows, more = paging.cut(rows, wanted.limit, backwards)
        found = await self._ctx.database.read(lambda c: vaults.wallets_of(c, [row.id for row in rows]))
        cursors = paging.cursors([row.id for row in rows], position is not None, more, backwards)
        accounts = [present_vault.account(row, found[row.id], self._ctx.book) for row in rows]
        return json_response({"accounts": accounts, "paging": cursors, **paging.page_urls(request, cursors)})

    async def get(self, request: Request, account: str) -> Response:
        await self._door.enter(request)
        row = await self._account(account)
        wallets = (await self._ctx.database.read(lambda c: vaults.wallets_of(c, [row.id])))[row.id]
        fresh = [await refresh_balance(self._ctx, wallet) for wallet in wallets]
        return json_response(present_vault.account(row, fresh, self._ctx.book))

    async def rename(self, request: Request, account: str) -> Response:
        caller = await self._door.enter(request, write=True)
        return await self._change(
            caller, account, {"name": schemas.read(schemas.UpdateVaultAccount, caller.body).name}
        )

    async def hide(self, request: Request, account: str) -> Response:
        return await self._set_hidden(request, account, True)

    async def unhide(self, request: Request, account: str) -> Response:
        return await self._set_hidden(request, account, False)

    async def _set_hidden(self, request: Request, account: str, hidden: bool) -> Response:
        caller = await self._door.enter(request, write=True)
        schemas.read(schemas.Nothing, caller.body)
        return await self._change(caller, account, {"hidden": hidden})

    async def set_reference(self, request: Request, account: str) -> Response:
        caller = await self._door.enter(request, write=True)
        body = schemas.read(schemas.SetCustomerRefId, caller.body)
        return await self._change(caller, account, {"customer_ref_id": body.customerRefId})

    async def set_auto_fuel(self, request: Request, account: str) -> Response:
        caller = await self._door.enter(request, write=True)
        return await self._change(
            caller, account, {"auto_fuel": schemas.read(schemas.SetAutoFuel, caller.body).autoFuel}
        )

    async def _change(self, caller: Caller, account: str, changes: dict[str, object]) -> Response:
        number = account_number(account)
        if number is None:
            raise account_missing(account)
        return await self._door.once(
            caller, lambda call: change_vault_account(self._ctx, call, self._present_plain, number, changes)
        )

    def _present_plain(self, row: vaults.Account) -> dict[str, object]:
        return present_vault.account(row, [], self._ctx.book)

    async def _account(self, account: str) -> vaults.Account:
        number = account_number(account)
        row = (
            None if number is None else await self._ctx.database.read(partial(vaults.get_account, id=number))
        )
        if row is None:
            raise account_missing(account)
        return row
