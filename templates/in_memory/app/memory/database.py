"""A database in the memory of the process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.core.commit_hooks import Listener
from app.core.environment import EnvironmentSettings
from app.memory.sessions import ReadSession, Session, Tables


class Database:
    """The rows of every model, and the sessions that read and write them."""

    def __init__(self) -> None:
        self._tables = Tables()
        self.on_commit: list[Listener] = []
        """Called after each commit with the names of the changed models."""

    def read_session(self) -> ReadSession:
        """A session that reads committed rows."""
        return ReadSession(self._tables)

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[Session]:
        """A session that is committed at the end of the block, unless the block raises."""
        session = Session(self._tables, self.on_commit)
        yield session
        await session.commit()


@asynccontextmanager
async def open_database(_settings: EnvironmentSettings) -> AsyncGenerator[Database]:
    """The database of an application."""
    yield Database()
