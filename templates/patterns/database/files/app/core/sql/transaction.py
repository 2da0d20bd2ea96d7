"""Statements on a connection: each alone, or all of a unit of work in one transaction."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, Row
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from app.core.logging import get_logger
from app.core.sql.database import Database
from app.core.sql.errors import in_our_words, no_connection

logger = get_logger(__name__)


class Call(NamedTuple):
    """A statement, and the values of its parameters."""

    statement: Executable
    values: Mapping[str, Any]


class Answer(NamedTuple):
    """The rows that a statement gave, and how many it gave or changed."""

    rows: Sequence[Row[Any]]
    affected: int


async def run_alone(database: Database, calls: Sequence[Call]) -> Sequence[Answer]:
    """Run statements that only read, each on its own, on one connection.

    Raises:
        AppError: see `in_our_words`.
    """
    with in_our_words():
        async with asyncio.timeout(database.timeout):
            try:
                return await greenlet_spawn(_read, database, calls)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            # It was idle while the server went away. All such connections are dropped by now.
            return await greenlet_spawn(_read, database, calls)


class Transaction:
    """Begins with its first statement: what does nothing costs nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._failure: Exception | None = None

    async def run(self, calls: Sequence[Call]) -> Sequence[Answer]:
        """Run statements; after one that failed there is nothing but to roll back.

        Raises:
            AppError: see `in_our_words`.
        """
        self._refuse_after_failure()
        try:
            with in_our_words():
                async with asyncio.timeout(self._database.timeout):
                    return await self._begin_and_run(calls)
        except Exception as error:
            self._failure = error
            raise

    async def commit(self) -> None:
        """Make it last.

        Raises:
            AppError: see `in_our_words`; or a statement failed before, and nobody listened.
        """
        self._refuse_after_failure()
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with in_our_words():
                async with asyncio.timeout(self._database.timeout):
                    await greenlet_spawn(_commit_and_close, connection)

    async def close(self) -> None:
        """Give the connection back; what is not committed is undone."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await to_its_end(self._roll_back(connection))

    async def _begin_and_run(self, calls: Sequence[Call]) -> Sequence[Answer]:
        is_first = self._connection is None
        try:
            return await greenlet_spawn(self._run, calls)
        except DBAPIError as error:
            if not (is_first and error.connection_invalidated):
                raise
        # It was idle while the server went away, and nothing of ours was on it.
        await self.close()
        return await greenlet_spawn(self._run, calls)

    def _run(self, calls: Sequence[Call]) -> Sequence[Answer]:
        if self._connection is None:
            self._connection = _connect(self._database.writes)
        return _answers(self._connection, calls)

    async def _roll_back(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(self._database.timeout):
                await greenlet_spawn(connection.close)
        except Exception as error:  # noqa: BLE001  # the server undoes it without being told
            logger.warning("rollback_failed", error=repr(error))

    def _refuse_after_failure(self) -> None:
        # PostgreSQL would answer a COMMIT with a rollback, and call it a success.
        if self._failure is not None:
            raise self._failure


async def to_its_end(coroutine: Coroutine[Any, Any, None]) -> None:
    """Do not stop halfway when the request is cancelled: stop afterwards."""
    task = asyncio.ensure_future(coroutine)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


# What follows is called in a greenlet, one for several steps: SQLAlchemy's asyncio connections
# would make one for each.


def _read(database: Database, calls: Sequence[Call]) -> Sequence[Answer]:
    with _connect(database.reads) as connection:
        return _answers(connection, calls)


def _connect(engine: AsyncEngine) -> Connection:
    try:
        return engine.sync_engine.connect()
    except Exception as error:
        raise no_connection(error) from error


def _answers(connection: Connection, calls: Sequence[Call]) -> Sequence[Answer]:
    answers = []
    for statement, values in calls:
        result = connection.execute(statement, values)
        if result.returns_rows:
            rows = result.all()
            answers.append(Answer(rows, len(rows)))
        else:
            answers.append(Answer((), result.rowcount))
    return answers


def _commit_and_close(connection: Connection) -> None:
    with connection:
        connection.commit()
