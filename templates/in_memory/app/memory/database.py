"""A database in the memory of the process."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.core.commit_hooks import CommitHooks, Listener
from app.core.environment import EnvironmentSettings
from app.memory.base import Row, Tables
from app.memory.session import ReadSession, Session


class Database:
    """The rows of every model, and the sessions that read and write them."""

    def __init__(self) -> None:
        self._tables: Tables = {}
        self._last_ids: Counter[type[Row]] = Counter()
        self._lock = asyncio.Lock()
        self.on_commit: list[Listener] = []
        """Called after each commit with the names of the changed models."""

    def read_session(self) -> ReadSession:
        """A session that reads committed rows."""
        return ReadSession(self._tables)

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[Session]:
        """A session that is committed at the end of the block, unless the block raises.

        Sessions of other requests wait for the end of the block.
        """
        hooks = CommitHooks(self.on_commit)
        async with self._lock:
            session = Session(self._tables, self._last_ids, hooks)
            yield session
            session.publish()
        await hooks.run()


@asynccontextmanager
async def open_database(_settings: EnvironmentSettings) -> AsyncGenerator[Database]:
    """The database of an application."""
    yield Database()
