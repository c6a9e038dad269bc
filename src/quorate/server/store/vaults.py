"""Vault accounts, wallets and addresses: numbers below a root key, no authority."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.engine import Connection

from quorate.server.store.schema import vault_accounts, vault_addresses, vault_wallets


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    name: str
    hidden: bool
    auto_fuel: bool
    customer_ref_id: str | None
    created_ms: int


@dataclass(frozen=True, slots=True)
class Wallet:
    """`balance`: last one seen on chain, smallest unit, with the block it was read at."""

    account: int
    asset: str
    created_ms: int
    balance: str | None
    block_height: int | None
    block_hash: str | None


@dataclass(frozen=True, slots=True)
class Address:
    account: int
    asset: str
    address_index: int
    address: str
    description: str | None
    customer_ref_id: str | None
    created_ms: int


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Criteria of GET /vault/accounts_paged."""

    name_prefix: str | None = None
    name_suffix: str | None = None
    asset: str | None = None
    descending: bool = True
    limit: int = 200


def create_account(
    connection: Connection, name: str, hidden: bool, auto_fuel: bool, reference: str | None, now_ms: int
) -> Account:
    """The next free number, from 0."""
    highest: int | None = connection.execute(select(func.max(vault_accounts.c.id))).scalar()
    account = Account(0 if highest is None else highest + 1, name, hidden, auto_fuel, reference, now_ms)
    connection.execute(insert(vault_accounts), _values(account))
    return account


def get_account(connection: Connection, id: int) -> Account | None:
    row = connection.execute(_all_accounts().where(vault_accounts.c.id == id)).first()
    return None if row is None else Account(*row)


def names(connection: Connection, ids: Sequence[int]) -> dict[str, str]:
    """Account id as text -> name."""
    statement = select(vault_accounts.c.id, vault_accounts.c.name).where(vault_accounts.c.id.in_(ids))
    return {str(id): name for id, name in connection.execute(statement)}


def change_account(connection: Connection, id: int, changes: dict[str, Any]) -> Account | None:
    connection.execute(update(vault_accounts).where(vault_accounts.c.id == id), changes)
    return get_account(connection, id)


def page_accounts(
    connection: Connection, wanted: AccountFilter, position: int | None, backwards: bool
) -> list[Account]:
    """At most limit + 1 accounts beyond `position`, always in the filter's order."""
    column = vault_accounts.c.id
    descending = wanted.descending != backwards
    statement = _all_accounts()
    if wanted.name_prefix is not None:
        statement = statement.where(vault_accounts.c.name.startswith(wanted.name_prefix, autoescape=True))
    if wanted.name_suffix is not None:
        statement = statement.where(vault_accounts.c.name.endswith(wanted.name_suffix, autoescape=True))
    if wanted.asset is not None:
        owners = select(vault_wallets.c.account).where(vault_wallets.c.asset == wanted.asset)
        statement = statement.where(column.in_(owners))
    if position is not None:
        statement = statement.where(column < position if descending else column > position)
    statement = statement.order_by(column.desc() if descending else column).limit(wanted.limit + 1)
    rows = [Account(*row) for row in connection.execute(statement)]
    return rows[::-1] if backwards else rows


def wallets_of(connection: Connection, accounts: Sequence[int]) -> dict[int, list[Wallet]]:
    statement = _all_wallets().where(vault_wallets.c.account.in_(accounts))
    found: dict[int, list[Wallet]] = {account: [] for account in accounts}
    for row in connection.execute(statement.order_by(vault_wallets.c.created_ms, vault_wallets.c.asset)):
        found[row.account].append(Wallet(*row))
    return found


def get_wallet(connection: Connection, account: int, asset: str) -> Wallet | None:
    row = connection.execute(
        _all_wallets().where(vault_wallets.c.account == account, vault_wallets.c.asset == asset)
    ).first()
    return None if row is None else Wallet(*row)


def create_wallet(connection: Connection, address: Address) -> bool:
    """Stores wallet and permanent address; False when the wallet was there already."""
    if get_wallet(connection, address.account, address.asset) is not None:
        return False
    wallet = Wallet(address.account, address.asset, address.created_ms, None, None, None)
    connection.execute(insert(vault_wallets), _values(wallet))
    connection.execute(insert(vault_addresses), _values(address))
    return True


def set_balance(
    connection: Connection, account: int, asset: str, balance: str, height: int, block_hash: str
) -> None:
    where = (vault_wallets.c.account == account, vault_wallets.c.asset == asset)
    changes = {"balance": balance, "block_height": height, "block_hash": block_hash}
    connection.execute(update(vault_wallets).where(*where), changes)


def next_address_index(connection: Connection, account: int, asset: str) -> int:
    where = (vault_addresses.c.account == account, vault_addresses.c.asset == asset)
    highest: int | None = connection.execute(
        select(func.max(vault_addresses.c.address_index)).where(*where)
    ).scalar()
    return 0 if highest is None else highest + 1


def add_address(connection: Connection, address: Address) -> None:
    connection.execute(insert(vault_addresses), _values(address))


def page_addresses(
    connection: Connection, account: int, asset: str, limit: int, position: int | None, backwards: bool
) -> list[Address]:
    """At most limit + 1 addresses beyond index `position`, in ascending order."""
    column = vault_addresses.c.address_index
    columns = [vault_addresses.c[name] for name in Address.__dataclass_fields__]
    statement = select(*columns).where(vault_addresses.c.account == account, vault_addresses.c.asset == asset)
    if position is not None:
        statement = statement.where(column < position if backwards else column > position)
    rows = connection.execute(statement.order_by(column.desc() if backwards else column).limit(limit + 1))
    found = [Address(*row) for row in rows]
    return found[::-1] if backwards else found


def _all_accounts() -> Select[Any]:
    return select(*[vault_accounts.c[name] for name in Account.__dataclass_fields__])


def _all_wallets() -> Select[Any]:
    return select(*[vault_wallets.c[name] for name in Wallet.__dataclass_fields__])


def _values(value: Account | Wallet | Address) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
