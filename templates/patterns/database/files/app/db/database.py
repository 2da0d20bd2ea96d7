"""The database of the service: two pools, and the sessions on them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import literal_column, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.core.commit_hooks import CommitHooks, Listener
from app.core.errors import Unavailable
from app.db.base import load_models
from app.db.engine import create_pool
from app.db.errors import translate_db_errors
from app.db.revisions import VERSION_TABLE, check_revision
from app.db.session import ReadSession, Session
from app.db.settings import DatabaseSettings


class Database:
    """Separate pools for reads and writes: a write that waits for a lock delays no read."""

    def __init__(self, settings: DatabaseSettings) -> None:
        load_models()
        self.reads = create_pool(settings, read_only=True)
        self.writes = create_pool(settings)
        self.on_commit: list[Listener] = []
        """Called after each commit with the names of the changed models."""
        self._timeout = settings.database_statement_timeout_seconds
        self._read_sessions = async_sessionmaker(
            self.reads, class_=ReadSession, autoflush=False, info={"timeout": self._timeout}
        )
        self._sessions = async_sessionmaker(self.writes, class_=Session, expire_on_commit=False)
        self._is_migrated = False

    def read_session(self) -> ReadSession:
        """A session that reads committed rows; it needs no closing."""
        return self._read_sessions()

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[Session]:
        """A session that is committed at the end of the block, unless the block raises."""
        info = {"timeout": self._timeout, "hooks": CommitHooks(self.on_commit)}
        session = self._sessions(info=info)
        try:
            yield session
            await session.commit()
        except DBAPIError:  # a savepoint, or a row of a stream: the methods of a session translate
            with translate_db_errors():
                raise
        finally:
            await session.close()

    async def probe(self) -> None:
        """Check that the database answers and, until it has passed once, the revision.

        Raises:
            Unavailable: there is no answer, or the tables are not up to date.
        """
        if self._is_migrated:
            await self.read_session().scalar(select(literal_column("1")))
        else:
            found = await self.read_session().scalars(select(VERSION_TABLE.c.version_num))
            await check_revision(frozenset(found))
            self._is_migrated = True


@asynccontextmanager
async def open_database(settings: DatabaseSettings) -> AsyncGenerator[Database]:
    """The database of an application, from its start to its end.

    A database that is down, or not migrated, is logged, and keeps the service from being ready.
    """
    database = Database(settings)
    try:
        with suppress(Unavailable):
            await database.probe()
        yield database
    finally:
        await database.reads.dispose()
        await database.writes.dispose()
