"""Opens the database and brings its schema up to date."""

from importlib.resources import files
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url

from quorate.core.errors import QuorateError


def open_engine(url: str) -> Engine:
    """SQLite in WAL with a full sync at every commit, or any other database SQLAlchemy knows by its URL.
    Raises QuorateError database."""
    try:
        engine = create_engine(make_url(url), pool_pre_ping=not url.startswith("sqlite"))
    except Exception as failure:  # drivers raise whatever they like for a bad URL
        raise QuorateError(
            "database", f"cannot open {url}: {failure}", "storage", "check server.json"
        ) from failure
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Durable before visible: synchronous=FULL makes WAL commits survive a power cut."""
    connection.isolation_level = None  # this module, not the driver, says BEGIN
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=5000",
        "foreign_keys=ON",
        "wal_autocheckpoint=4000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    """A writer takes the lock at once and never fails half-way; readers run in autocommit and begin
    nothing."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def migrate(engine: Engine) -> None:
    """Runs the packaged migrations up to the newest. Raises QuorateError migration."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(files("quorate.server.store") / "migrations"))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except Exception as failure:
        raise QuorateError(
            "migration",
            f"cannot bring the database up to date: {failure}",
            "storage",
            "restore the database or start with a new one",
        ) from failure
