"""Connection pools, and what each server needs to be connected to."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine import Dialect, ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.db import libpq
from app.db.decimals import register_functions
from app.db.errors import READ_ONLY, error_codes, unavailable
from app.db.settings import DatabaseSettings


def create_pool(settings: DatabaseSettings, *, read_only: bool = False) -> AsyncEngine:
    """A pool of connections; those of a read-only pool are in autocommit."""
    url = make_url(settings.database_url.get_secret_value())
    access: dict[str, Any] = {}
    if read_only:
        access = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    if read_only and libpq.is_pooled(url):
        # In autocommit, a statement could be prepared on one server connection, and run on another.
        access = {"execution_options": {"postgresql_readonly": True}}
    engine = create_engine(
        url,
        _limits(url, settings, read_only=read_only),
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_max_overflow,
        pool_timeout=settings.database_pool_timeout_seconds,
        pool_recycle=settings.database_pool_recycle_seconds,
        pool_pre_ping=settings.database_pre_ping,
        hide_parameters=True,  # errors are logged, and parameters may be personal data
        **access,
    )
    event.listen(engine.sync_engine, "do_connect", _connect)
    if engine.name == "postgresql":
        event.listen(engine.sync_engine, "checkout", _replace_closed)
    if not read_only:
        event.listen(engine.sync_engine, "handle_error", _leave_standby)
    if engine.name == "sqlite" and read_only:
        event.listen(engine.sync_engine, "connect", _forbid_writes)
    return engine


def create_engine(
    url: URL,
    connect_args: dict[str, Any],
    **options: Any,  # noqa: ANN401
) -> AsyncEngine:
    """An engine that understands the parameters of the URL, and the SQL of all servers."""
    if url.get_backend_name() == "postgresql":
        own = libpq.connect_arguments(url)
        own["server_settings"] = connect_args.get("server_settings", {}) | own["server_settings"]
        url, connect_args = url.set(query={}), connect_args | own
    engine = create_async_engine(url, connect_args=connect_args, **options)
    if engine.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_file)
        event.listen(engine.sync_engine, "invalidate", _release_lock)
        if "isolation_level" not in options:
            event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _limits(url: URL, settings: DatabaseSettings, *, read_only: bool) -> dict[str, Any]:
    """The arguments of the driver for the time limits, and for reading only."""
    connect = settings.database_connect_timeout_seconds
    statement = settings.database_statement_timeout_seconds
    match url.get_backend_name():
        case "sqlite":
            return {"timeout": statement}
        case "postgresql":
            server_settings = {
                "statement_timeout": str(int(statement * 1000)),
                # The locks of a process that vanished are released after that time.
                "idle_in_transaction_session_timeout": str(int(statement * 10_000)),
                "default_transaction_read_only": "on" if read_only else "off",
            }
            # A pooler refuses settings of a connection.
            more = {} if libpq.is_pooled(url) else {"server_settings": server_settings}
            return {"timeout": connect, **more}
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


def _leave_standby(context: ExceptionContext) -> None:
    # After a failover, the connection may be to a server that only reads; a new one may not be.
    if READ_ONLY & error_codes(context.original_exception):
        context.is_disconnect = True


def _prepare_file(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # a transaction begins with the BEGIN below
    connection.create_function("lower", 1, _lower, deterministic=True)
    register_functions(connection)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        _run(connection, f"PRAGMA {pragma}")


def _forbid_writes(connection: DBAPIConnection, _record: object) -> None:
    _run(connection, "PRAGMA query_only=ON")


def _run(connection: DBAPIConnection, statement: str) -> None:
    cursor = connection.cursor()
    cursor.execute(statement)
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # Takes the write lock at once: a transaction that needs it later is refused, without a wait.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _release_lock(connection: DBAPIConnection, *_: object) -> None:
    # A cancelled statement would hold the lock until its cursor is garbage-collected.
    connection.rollback()


def _lower(text: object) -> object:
    """Replaces SQLite's `lower`, which only handles ASCII."""
    return text.lower() if isinstance(text, str) else text
