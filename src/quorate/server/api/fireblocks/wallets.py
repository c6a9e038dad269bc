"""/v1/vault: the assets of an account and their addresses."""

from functools import partial
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from quorate.core.chains.bitcoin.networks import P2PKH
from quorate.core.dialects.fireblocks import account_address
from quorate.core.errors import QuorateError
from quorate.server.api.fireblocks import paging, present_vault, schemas
from quorate.server.api.fireblocks.door import Door, json_response
from quorate.server.api.fireblocks.errors import bad_request
from quorate.server.api.fireblocks.query import Query, account_number
from quorate.server.service.context import Context
from quorate.server.service.vault.change_vault_account import account_missing
from quorate.server.service.vault.create_address import create_address
from quorate.server.service.vault.create_wallet import create_wallet, wallet_of
from quorate.server.service.vault.refresh_balance import refresh_balance
from quorate.server.store import vaults

LARGEST_PAGE: Final = 1000
PLACE: Final = "/vault/accounts/{account}/{asset}"


class WalletRoutes:
    def __init__(self, ctx: Context, door: Door) -> None:
        self._ctx = ctx
        self._door = door

    def add_to(self, router: APIRouter) -> None:
        add = router.add_api_route
        add(PLACE + "/addresses_paginated", self.addresses, methods=["GET"])
        extra = schemas.documented(schemas.CreateAddress)
        add(PLACE + "/addresses/{address}/create_legacy", self.legacy, methods=["POST"])
        add(PLACE + "/addresses", self.create_address, methods=["POST"], openapi_extra=extra)
        add(PLACE + "/balance", self.update_balance, methods=["POST"])
        add(PLACE + "/activate", self.create, methods=["POST"], operation_id="activate_wallet")
        add(PLACE, self.create, methods=["POST"], openapi_extra=schemas.documented(schemas.CreateWallet))
        add(PLACE, self.get, methods=["GET"])

    async def create(self, request: Request, account: str, asset: str) -> Response:
        caller = await self._door.enter(request, write=True)
        if schemas.read(schemas.CreateWallet, caller.body).eosAccountName is not None:
            raise bad_request("eosAccountName is not served")
        number = _number(account)
        return await self._door.once(
            caller,
            lambda call: create_wallet(
                self._ctx, call, lambda row: present_vault.created_wallet(row, self._ctx.book), number, asset
            ),
        )

    async def get(self, request: Request, account: str, asset: str) -> Response:
        await self._door.enter(request)
        return await self._fresh(account, asset)

    async def update_balance(self, request: Request, account: str, asset: str) -> Response:
        """Reads the chain: allowed to viewers, because nothing of theirs is changed."""
        caller = await self._door.enter(request)
        schemas.read(schemas.Nothing, caller.body)
        return await self._fresh(account, asset)

    async def _fresh(self, account: str, asset: str) -> Response:
        wallet = await wallet_of(self._ctx, _number(account), asset)
        fresh = await refresh_balance(self._ctx, wallet)
        return json_response(
            present_vault.wallet_with_address(fresh, self._permanent(wallet), self._ctx.book)
        )

    def _permanent(self, wallet: vaults.Wallet) -> str | None:
        try:
            return account_address(
                self._ctx.book.charter, self._ctx.book.certificates, wallet.asset, str(wallet.account)
            )
        except QuorateError:
            return None

    async def create_address(self, request: Request, account: str, asset: str) -> Response:
        caller = await self._door.enter(request, write=True)
        body = schemas.read(schemas.CreateAddress, caller.body)
        number = _number(account)
        return await self._door.once(
            caller,
            lambda call: create_address(
                self._ctx,
                call,
                lambda row: present_vault.created_address(row, self._ctx.book),
                number,
                asset,
                description=body.description,
                customer_ref_id=body.customerRefId,
            ),
        )

    async def legacy(self, request: Request, account: str, asset: str, address: str) -> Response:
        """The P2PKH address beside the permanent address of a Bitcoin account. It is derived, and nothing is
        stored: the same answer whoever asks, and however often.
        """
        caller = await self._door.enter(request)
        schemas.read(schemas.Nothing, caller.body)
        wallet = await wallet_of(self._ctx, _number(account), asset)
        if P2PKH not in present_vault.kinds(wallet.account, wallet.asset, self._ctx.book):
            raise bad_request(f"addresses of {wallet.asset} have no legacy format")
        if address != self._permanent(wallet):
            raise bad_request("only the permanent address of an account has a legacy format")
        row = vaults.Address(wallet.account, wallet.asset, 0, address, None, None, wallet.created_ms)
        return json_response(present_vault.created_address(row, self._ctx.book))

    async def addresses(self, request: Request, account: str, asset: str) -> Response:
        """Paging style (b) of the dialect: `before` and `after` are address indexes."""
        await self._door.enter(request)
        query = Query(request, ("limit", "before", "after"))
        limit = query.integer("limit", 1, LARGEST_PAGE) or LARGEST_PAGE
        position, backwards = paging.position_of(query)
        wallet = await wallet_of(self._ctx, _number(account), asset)
        read = partial(
            vaults.page_addresses,
            account=wallet.account,
            asset=wallet.asset,
            limit=limit,
            position=position,
            backwards=backwards,
        )
        rows = await self._ctx.database.read(read)
        rows, more = paging.cut(rows, limit, backwards)
        cursors = paging.cursors([row.address_index for row in rows], position is not None, more, backwards)
        found = [present_vault.address(row, self._ctx.book) for row in rows]
        return json_response({"addresses": found, "paging": cursors})


def _number(account: str) -> int:
    number = account_number(account)
    if number is None:
        raise account_missing(account)
    return number
