"""The database: migrations, the shared commit, and what a failing unit does to the others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from quorate.core.errors import QuorateError
from quorate.server.store import nonces
from quorate.server.store.database import Database
from quorate.server.store.engine import migrate, open_engine
from quorate.server.store.schema import metadata


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    opened = open_engine(f"sqlite:///{tmp_path / 'server.sqlite'}")
    migrate(opened)
    return opened


@pytest.fixture
async def database(engine: Engine) -> AsyncIterator[Database]:
    opened = Database(engine)
    yield opened
    await opened.close()


def put(nonce: int) -> Callable[[Connection], None]:
    return lambda connection: nonces.set_next_nonce(connection, "evm:1", f"0x{nonce}", nonce)


def test_the_migrations_build_the_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)


def test_sqlite_is_durable(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2


def test_a_bad_url_is_one_error() -> None:
    with pytest.raises(QuorateError) as refused:
        open_engine("nonsense://")
    assert refused.value.code == "database"


async def test_units_share_commits_and_answer_each_caller(database: Database) -> None:
    commits: list[object] = []
    answers = await asyncio.gather(
        *(database.write(lambda c, n=n: (put(n)(c), commits.append(c), n)[2]) for n in range(200))
    )
    assert list(answers) == list(range(200))
    assert await database.read(lambda c: c.execute(text("SELECT count(*) FROM evm_accounts")).scalar()) == 200


async def test_one_failing_unit_spoils_no_other(database: Database) -> None:
    def fail(connection: Connection) -> None:
        put(999)(connection)
        raise QuorateError("refused", "as the test wants")

    def crash(connection: Connection) -> None:
        connection.execute(text("INSERT INTO nowhere VALUES (1)"))

    units = [put(1), fail, put(2), crash, put(3)]
    results = await asyncio.gather(*(database.write(unit) for unit in units), return_exceptions=True)
    codes = [result.code if isinstance(result, QuorateError) else result for result in results]
    assert codes == [None, "refused", None, "database", None]
    rows = await database.read(
        lambda c: c.execute(text("SELECT next_nonce FROM evm_accounts ORDER BY 1")).scalars().all()
    )
    assert list(rows) == [1, 2, 3]


async def test_lazy_writes_are_written_by_close(engine: Engine) -> None:
    database = Database(engine)
    for number in range(5):
        database.write_later(put(number))
    await database.close()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM evm_accounts")).scalar() == 5


async def test_a_write_is_visible_to_the_next_read(database: Database) -> None:
    for number in range(20):
        await database.write(put(number))
        read = await database.read(lambda c, n=number: nonces.next_nonce(c, "evm:1", f"0x{n}"))
        assert read == number
