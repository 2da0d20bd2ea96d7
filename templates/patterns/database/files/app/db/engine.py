"""Connection pools, and what each server needs to be connected to."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.db.decimals import register_functions
from app.db.errors import unavailable
from app.db.settings import LIBPQ_PARAMETERS, DatabaseSettings


def create_engine(settings: DatabaseSettings, *, read_only: bool = False) -> AsyncEngine:
    """A pool of connections; those of a read-only pool are in autocommit if they can be."""
    url = make_url(settings.database_url.get_secret_value())
    access: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if read_only else {}
    if read_only and url.query.get("pgbouncer") == "true":
        # Without a transaction, a statement could be prepared on one server connection, and run on
        # another.
        access = {"execution_options": {"postgresql_readonly": True}}
    engine = create_async_engine(
        without_parameters(url),
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_max_overflow,
        pool_timeout=settings.database_pool_timeout_seconds,
        pool_recycle=settings.database_pool_recycle_seconds,
        pool_pre_ping=settings.database_pre_ping,
        hide_parameters=True,  # errors are logged, and parameters may be personal data
        connect_args=_connect_arguments(url, settings, read_only=read_only),
        **access,
    )
    event.listen(engine.sync_engine, "do_connect", _connect)
    if engine.name == "postgresql":
        event.listen(engine.sync_engine, "checkout", _replace_closed)
    if engine.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_file)
        if read_only:
            event.listen(engine.sync_engine, "connect", _forbid_writes)
    return engine if read_only else begin_explicitly(engine)


def begin_explicitly(engine: AsyncEngine) -> AsyncEngine:
    """The engine, whose transactions on SQLite begin as they do on servers."""
    if engine.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _disable_implicit_begin)
        event.listen(engine.sync_engine, "begin", _begin_immediate)
        event.listen(engine.sync_engine, "invalidate", _release_lock)
    return engine


def without_parameters(url: URL) -> URL:
    """The URL without the parameters that `driver_arguments` translates."""
    return url.set(query={}) if url.get_backend_name() == "postgresql" else url


def driver_arguments(url: URL) -> dict[str, Any]:
    """The arguments of the driver for the parameters of a PostgreSQL URL."""
    if url.get_backend_name() != "postgresql":
        return {}
    arguments: dict[str, Any] = {}
    if passed := {name: url.query[name] for name in url.query if name in LIBPQ_PARAMETERS}:
        arguments["dsn"] = f"postgresql://?{urlencode(passed)}"
    if "connect_timeout" in url.query:
        arguments["timeout"] = float(str(url.query["connect_timeout"]))
    if url.query.get("pgbouncer") == "true":
        # Each transaction may run on another server connection: no statement is prepared for
        # longer, and names do not repeat.
        arguments["statement_cache_size"] = 0
        arguments["prepared_statement_cache_size"] = 0
        arguments["prepared_statement_name_func"] = lambda: f"__asyncpg_{uuid4()}__"
    return arguments


def _connect_arguments(url: URL, settings: DatabaseSettings, *, read_only: bool) -> dict[str, Any]:
    connect = settings.database_connect_timeout_seconds
    statement = settings.database_statement_timeout_seconds
    match url.get_backend_name():
        case "sqlite":
            return {"timeout": statement}
        case "postgresql":
            arguments: dict[str, Any] = {"timeout": connect, "command_timeout": statement}
            if url.query.get("pgbouncer") != "true":
                arguments["server_settings"] = {
                    "statement_timeout": str(int(statement * 1000)),
                    # The locks of a process that vanished are released after that time.
                    "idle_in_transaction_session_timeout": str(int(statement * 10_000)),
                    "default_transaction_read_only": "on" if read_only else "off",
                }
            return arguments | driver_arguments(url)
    access = {"init_command": "SET SESSION TRANSACTION READ ONLY"} if read_only else {}
    return {"connect_timeout": connect, **access}


def _connect(
    dialect: Dialect, _entry: object, arguments: Sequence[Any], options: dict[str, Any]
) -> DBAPIConnection:
    try:
        return dialect.connect(*arguments, **options)
    except asyncio.CancelledError:
        raise
    except Exception as error:
        raise unavailable(error) from error


def _replace_closed(connection: DBAPIConnection, _entry: object, _proxy: object) -> None:
    # asyncpg notices when a server closes a connection, so this check needs no round trip.
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _prepare_file(connection: DBAPIConnection, _record: object) -> None:
    connection.create_function("lower", 1, _lower, deterministic=True)
    register_functions(connection)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _forbid_writes(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _disable_implicit_begin(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None


def _begin_immediate(connection: Connection) -> None:
    # Takes the write lock at once: a transaction that needs it later is refused, without a wait.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _release_lock(connection: DBAPIConnection, *_: object) -> None:
    # A cancelled statement would hold the lock until its cursor is garbage-collected.
    connection.rollback()


def _lower(text: object) -> object:
    """Replaces SQLite's `lower`, which only handles ASCII."""
    return text.lower() if isinstance(text, str) else text
