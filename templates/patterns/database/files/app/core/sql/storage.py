"""Storage in a database: two handles, one that reads and one that writes."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from copy import copy
from typing import Any, Self

from sqlalchemy import literal_column, select

from app.core.errors import Unavailable
from app.core.health import Probe
from app.core.sql.database import Database, open_database
from app.core.sql.revisions import CURRENT, check_revision, last_revisions
from app.core.sql.settings import DatabaseSettings
from app.core.sql.transaction import Answer, Call, Transaction, run_alone, to_its_end
from app.core.unit import AfterCommit, Listener

PING = Call(select(literal_column("1")), {})


class Storage:
    """The rows of every model."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.reads = Reads(database)
        self.listeners: list[Listener] = []
        """What is told after every commit what has changed."""
        self.probes: Mapping[str, Probe] = {"database": self.check}
        self._is_migrated = not last_revisions()

    @asynccontextmanager
    async def unit(self) -> AsyncGenerator["UnitOfWork"]:
        """A unit of work, committed at the end of the block unless it raises."""
        unit = UnitOfWork(self.database, self.listeners)
        try:
            yield unit
            await unit.commit()
        finally:
            await unit.close()

    async def check(self) -> None:
        """Ask for an answer, and until it is the right one for the revision too.

        Raises:
            Unavailable: there is no answer, or the tables are not up to date.
        """
        if self._is_migrated:
            await self.reads.run(PING)
        else:
            (found,) = await self.reads.run(CURRENT)
            check_revision(frozenset(row[0] for row in found.rows))
            self._is_migrated = True


@asynccontextmanager
async def open_storage(settings: DatabaseSettings) -> AsyncGenerator[Storage]:
    """The storage of an application, from its start to its end.

    A database that is down, or not migrated, is logged and keeps the service from being ready.
    """
    async with open_database(settings) as database:
        storage = Storage(database)
        with suppress(Unavailable):
            await storage.check()
        yield storage


class Reads:
    """Sees what is committed. It is in no transaction, not even between two statements."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.scope: Mapping[str, Any] = {}
        self.given: Mapping[str, Any] = {}

    def scoped(self, **values: object) -> Self:
        """The same handle, for the rows with these values only: those of an owner, of a tenant."""
        handle = copy(self)
        handle.scope = handle.given = values
        return handle

    def giving(self, **values: object) -> Self:
        """The same handle, for all rows; those that are added get these values."""
        handle = copy(self)
        handle.given = values
        return handle

    async def run(self, *calls: Call) -> Sequence[Answer]:
        """Run the statements, one after the other."""
        return await run_alone(self.database, calls)


class UnitOfWork(Reads, AfterCommit):
    """Sees its own writes too; others see them after the commit."""

    def __init__(self, database: Database, listeners: Sequence[Listener] = ()) -> None:
        Reads.__init__(self, database)
        AfterCommit.__init__(self, listeners)
        self._transaction = Transaction(database)

    async def run(self, *calls: Call) -> Sequence[Answer]:
        return await self._transaction.run(calls)

    async def commit(self) -> None:
        """Make the writes last, then run what waits for them."""
        await to_its_end(self._commit_and_tell())

    async def _commit_and_tell(self) -> None:
        await self._transaction.commit()
        await self.committed()

    async def close(self) -> None:
        """Undo what is not committed."""
        await self._transaction.close()
