"""Reads and writes of the transactions and sessions tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Table,
    Update,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from quorate.core.errors import QuorateError
from quorate.server.store.rows import COLUMNS, Transaction, as_values, from_row
from quorate.server.store.schema import UNFINISHED, sessions, transactions, versions

_ALL: Final = [transactions.c[name] for name in COLUMNS]

# Built once: making a statement of forty columns costs more than running it.
_BY_ID: Final = select(*_ALL).where(transactions.c.id == bindparam("_id"))
_BY_INTENT: Final = select(*_ALL).where(transactions.c.intent_hash == bindparam("intent_hash"))
_INSERT: Final = insert(transactions)
_REQUEST: Final = select(transactions.c.id).where(transactions.c.request_id == bindparam("request_id"))
_EXTERNAL: Final = select(transactions.c.id).where(
    transactions.c.user == bindparam("user"),
    transactions.c.external_id == bindparam("external_id"),
    transactions.c.status != "REJECTED",
)
_INSERT_SESSION: Final = insert(sessions)
_SESSIONS: Final = (
    select(
        sessions.c.transaction_id,
        sessions.c.number,
        sessions.c.members,
        sessions.c.outcome,
        sessions.c.votes,
        sessions.c.refusals,
        sessions.c.opened_us,
    )
    .where(sessions.c.transaction_id == bindparam("transaction_id"))
    .order_by(sessions.c.number)
)


@lru_cache(maxsize=256)
def _update(table: Table, keys: tuple[str, ...], columns: tuple[str, ...]) -> Update:
    """UPDATE of the named columns, where each key equals the parameter of its name with an
    underscore before it."""
    statement = update(table).where(*(table.c[key] == bindparam(f"_{key}") for key in keys))
    return statement.values({column: bindparam(column) for column in columns})


@dataclass(frozen=True, slots=True)
class Session:
    """One attempt of a set of signers. `outcome`: open, done, dead or refused; `votes` and `refusals` are
    JSON."""

    transaction_id: str
    number: int
    members: str
    outcome: str
    votes: str
    refusals: str
    opened_us: int


def add(connection: Connection, transaction: Transaction) -> None:
    """Raises QuorateError: request_replayed (same user and token nonce), external_id (in use by
    this user)."""
    if connection.execute(_REQUEST, {"request_id": transaction.request_id}).first() is not None:
        message = "this token was used before"
        raise QuorateError("request_replayed", message, "caller", "sign a new token for each request")
    owned = {"user": transaction.user, "external_id": transaction.external_id}
    if transaction.external_id is not None and connection.execute(_EXTERNAL, owned).first() is not None:
        message = f"external id {transaction.external_id} belongs to another transaction"
        raise QuorateError("external_id", message, "caller", "read it at /v1/transactions/external_tx_id/")
    connection.execute(_INSERT, as_values(transaction))


def change(connection: Connection, id: str, changes: dict[str, Any]) -> None:
    connection.execute(_update(transactions, ("id",), tuple(changes)), {**changes, "_id": id})


def get(connection: Connection, id: str) -> Transaction | None:
    row = connection.execute(_BY_ID, {"_id": id}).first()
    return None if row is None else from_row(row)


def get_by_external_id(connection: Connection, user: str, external_id: str) -> Transaction | None:
    """The caller's own one first, then anybody's; the newest of several (older ones were rejected)."""
    statement = select(*_ALL).where(transactions.c.external_id == external_id)
    rows = connection.execute(
        statement.order_by(transactions.c.user != literal(user), transactions.c.created_ms.desc())
    ).first()
    return None if rows is None else from_row(rows)


def get_by_intent(connection: Connection, intent_hash: bytes) -> Transaction | None:
    row = connection.execute(_BY_INTENT, {"intent_hash": intent_hash}).first()
    return None if row is None else from_row(row)


def get_by_hash(connection: Connection, name: str, chain: str | None) -> Transaction | None:
    """By the newest name on a chain, or by one that it had before."""
    older = select(versions.c.transaction_id).where(versions.c.transaction_hash == name)
    c = transactions.c
    named = or_(c.transaction_hash == name, c.id.in_(older))
    row = connection.execute(select(*_ALL).where(c.chain == chain, named)).first()
    return None if row is None else from_row(row)


def unfinished(connection: Connection) -> Sequence[Transaction]:
    """Everything a restart takes up again: those with bytes first, because they hold their account's
    nonce."""
    statement = select(*_ALL).where(UNFINISHED)
    order = (
        transactions.c.nonce.is_(None),
        transactions.c.nonce,
        transactions.c.created_ms,
        transactions.c.id,
    )
    return [from_row(row) for row in connection.execute(statement.order_by(*order))]


def waiting(connection: Connection, limit: int) -> Sequence[Transaction]:
    """Requests that people are asked about, the oldest first."""
    c = transactions.c
    where = (UNFINISHED, c.status == "PENDING_AUTHORIZATION")
    statement = select(*_ALL).where(*where).order_by(c.created_ms, c.id).limit(limit)
    return [from_row(row) for row in connection.execute(statement)]


def count_unfinished(connection: Connection) -> int:
    statement = select(func.count()).select_from(transactions).where(UNFINISHED)
    return connection.execute(statement).scalar() or 0


def unconfirmed(connection: Connection) -> Sequence[Transaction]:
    """What is signed, or may be, and neither mined deep enough nor given up."""
    signed = or_(transactions.c.released, transactions.c.result.is_not(None))
    statement = select(*_ALL).where(UNFINISHED, signed).order_by(transactions.c.created_ms)
    return [from_row(row) for row in connection.execute(statement)]


def newest_sent(connection: Connection, chain: str, sender: str) -> Transaction | None:
    """The signed transaction with the highest nonce of an account."""
    c = transactions.c
    where = (c.chain == chain, c.sender == sender, c.transaction_hash.is_not(None))
    row = connection.execute(
        select(*_ALL).where(*where).order_by(c.nonce.desc(), c.updated_ms.desc())
    ).first()
    return None if row is None else from_row(row)


def on_their_way(connection: Connection, chain: str, sender: str) -> Sequence[Transaction]:
    """Signed transactions of an account that are not confirmed."""
    c = transactions.c
    where = (c.chain == chain, c.sender == sender, c.raw_transaction.is_not(None), UNFINISHED)
    return [from_row(row) for row in connection.execute(select(*_ALL).where(*where).order_by(c.created_ms))]


def nonce_was_used(connection: Connection, transaction: Transaction) -> bool:
    """Whether another transaction with the same nonce of the same account was mined."""
    c = transactions.c
    same = (c.chain == transaction.chain, c.sender == transaction.sender, c.nonce == transaction.nonce)
    where = (*same, c.id != transaction.id, c.block_height.is_not(None))
    return connection.execute(select(c.id).where(*where)).first() is not None


def bytes_since(connection: Connection, chain: str, sender: str, updated_ms: int) -> frozenset[bytes]:
    """What an account was to sign in rows that changed since."""
    c = transactions.c
    where = (c.updated_ms >= updated_ms, c.chain == chain, c.sender == sender, c.attempt_bytes.is_not(None))
    return frozenset(row[0] for row in connection.execute(select(c.attempt_bytes).where(*where)))


@dataclass(frozen=True, slots=True)
class Filter:
    """Criteria of GET /transactions. `before` and `after` are ms, exclusive, over the column that orders."""

    order_by: str = "created_ms"
    descending: bool = True
    limit: int = 200
    before: int | None = None
    after: int | None = None
    equal: tuple[tuple[str, str], ...] = ()
    assets: tuple[str, ...] = ()
    has_source: bool = False


def page(
    connection: Connection, wanted: Filter, position: tuple[int, str] | None, backwards: bool
) -> list[Transaction]:
    """At most limit + 1 rows after `position` in the filter's order (before it when `backwards`), always in
    the filter's order."""
    descending = wanted.descending != backwards
    column = transactions.c[wanted.order_by]
    conditions = _conditions(wanted, column)
    if position is not None:
        conditions.append(_beyond(column, position, descending))
    order = (column.desc(), transactions.c.id.desc()) if descending else (column, transactions.c.id)
    statement = select(*_ALL).where(and_(True, *conditions)).order_by(*order).limit(wanted.limit + 1)
    rows = [from_row(row) for row in connection.execute(statement)]
    return rows[::-1] if backwards else rows


def _conditions(wanted: Filter, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    conditions = [transactions.c[name] == value for name, value in wanted.equal]
    if wanted.before is not None:
        conditions.append(column < wanted.before)
    if wanted.after is not None:
        conditions.append(column > wanted.after)
    if wanted.has_source:
        conditions.append(transactions.c.source_account.is_not(None))
    if wanted.assets:
        conditions.append(transactions.c.asset.in_(wanted.assets))
    return conditions


def _beyond(column: ColumnElement[Any], position: tuple[int, str], descending: bool) -> ColumnElement[bool]:
    value, id = position
    if descending:
        return or_(column < value, and_(column == value, transactions.c.id < id))
    return or_(column > value, and_(column == value, transactions.c.id > id))


def add_session(connection: Connection, session: Session) -> None:
    values = {name: getattr(session, name) for name in Session.__dataclass_fields__}
    connection.execute(_INSERT_SESSION, values)


def change_session(connection: Connection, id: str, number: int, changes: dict[str, Any]) -> None:
    statement = _update(sessions, ("transaction_id", "number"), tuple(changes))
    connection.execute(statement, {**changes, "_transaction_id": id, "_number": number})


def sessions_of(connection: Connection, id: str) -> Sequence[Session]:
    return [Session(*tuple(row)) for row in connection.execute(_SESSIONS, {"transaction_id": id})]
