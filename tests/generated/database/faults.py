"""Makes a database fail, and counts what it is asked."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.database import Database


@contextmanager
def counting(database: Database) -> Generator[list[str]]:
    """The statements that are run in the block."""
    seen: list[str] = []

    def see(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with _listening(database, "before_cursor_execute", see):
        yield seen


@contextmanager
def failing(database: Database, code: str, *, times: int = 1, cut: bool = False) -> Generator[None]:
    """The next statements fail with a code of the server; `cut` ends their connection too."""
    dbapi: Any = database.writes.dialect.loaded_dbapi
    left = times

    def fail(*_: object) -> None:
        nonlocal left
        if left:
            left -= 1
            error = dbapi.OperationalError("a fault of the tests")
            error.sqlstate = code
            raise error

    def judge(context: Any) -> None:
        context.is_disconnect = cut

    with _listening(database, "do_execute", fail), _listening(database, "handle_error", judge):
        yield


@contextmanager
def sleeping(database: Database, seconds: float) -> Generator[None]:
    """Every statement takes that long by the clock of the event loop, which stays ahead."""
    loop = asyncio.get_running_loop()
    time, passed = loop.time, 0.0

    def sleep(*_: object) -> None:
        nonlocal passed
        passed += seconds

    loop.time = lambda: time() + passed  # type: ignore[method-assign]
    with _listening(database, "do_execute", sleep):
        yield


def borrowed(database: Database) -> int:
    """How many connections have not been given back."""
    pools: list[Any] = [engine.pool for engine in _engines(database)]
    return sum(pool.checkedout() for pool in pools)


@contextmanager
def _listening(database: Database, name: str, listener: Callable[..., None]) -> Generator[None]:
    targets = [engine.sync_engine for engine in _engines(database)]
    for target in targets:
        event.listen(target, name, listener)
    yield
    for target in targets:
        event.remove(target, name, listener)


def _engines(database: Database) -> list[AsyncEngine]:
    return [database.reads, database.writes]
