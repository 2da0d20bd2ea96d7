"""The pools of connections to the database."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core.sql.settings import DatabaseSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Two pools: reads are never held up by writes that wait, nor by a BEGIN they do not need."""

    reads: AsyncEngine
    """Every statement is on its own, in autocommit."""
    writes: AsyncEngine
    """Statements belong to a transaction."""
    timeout: float
    """Seconds for a statement, from asking for a connection to its last row."""

    @property
    def returns_inserted(self) -> bool:
        """Whether the server knows INSERT ... RETURNING."""
        return self.writes.dialect.insert_returning

    @property
    def returns_updated(self) -> bool:
        """Whether the server knows UPDATE ... RETURNING."""
        return self.writes.dialect.update_returning


@asynccontextmanager
async def open_database(settings: DatabaseSettings) -> AsyncGenerator[Database]:
    """The pools, from the start of an application to its end; no connection is opened yet."""
    database = Database(
        reads=_open_pool(settings, "AUTOCOMMIT"),
        writes=in_transactions(_open_pool(settings)),
        timeout=settings.database_statement_timeout_seconds,
    )
    try:
        yield database
    finally:
        await database.reads.dispose()
        await database.writes.dispose()


def _open_pool(settings: DatabaseSettings, isolation_level: str | None = None) -> AsyncEngine:
    url = make_url(settings.database_url.get_secret_value())
    engine = create_async_engine(
        url,
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_max_overflow,
        pool_timeout=settings.database_pool_timeout_seconds,
        pool_recycle=settings.database_pool_recycle_seconds,
        pool_pre_ping=settings.database_pre_ping,
        isolation_level=isolation_level,
        hide_parameters=True,  # errors are logged, what people sent is not
        connect_args=_limits(url, settings),
    )
    if engine.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_file)
    return engine


def _limits(url: URL, settings: DatabaseSettings) -> dict[str, Any]:
    """The time limits, as the driver of the server wants to be told them."""
    connect = settings.database_connect_timeout_seconds
    statement = settings.database_statement_timeout_seconds
    match url.get_backend_name():
        case "sqlite":
            return {"timeout": statement}
        case "postgresql":
            limits = {
                "statement_timeout": str(int(statement * 1000)),
                # A process that is gone without a word holds its locks no longer than that.
                "idle_in_transaction_session_timeout": str(int(statement * 10_000)),
            }
            return {"timeout": connect, "server_settings": limits}
    return {"connect_timeout": connect}


def in_transactions(engine: AsyncEngine) -> AsyncEngine:
    """The engine, made to begin on SQLite as it does on servers."""
    if engine.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _leave_transactions_to_us)
        event.listen(engine.sync_engine, "begin", _begin_to_write)
        event.listen(engine.sync_engine, "invalidate", _let_go)
    return engine


def _prepare_file(connection: DBAPIConnection, _record: object) -> None:
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _leave_transactions_to_us(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None


def _begin_to_write(connection: Connection) -> None:
    # The lock is taken at once: a transaction that asks for it midway is refused, not made to wait.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _let_go(connection: DBAPIConnection, *_: object) -> None:
    # A statement that was cancelled would hold the lock until its cursor is collected as garbage.
    connection.rollback()


def _lower(text: object) -> object:
    """SQLite's own knows ASCII only."""
    return text.lower() if isinstance(text, str) else text
