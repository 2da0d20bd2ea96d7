"""The sessions of tasks."""

from collections.abc import AsyncGenerator
from typing import Annotated

from app.core.queue.taskiq import RunDep, TaskDepends
from app.db.database import Database
from app.db.sessions import ReadSession, Session


async def get_database(run: RunDep) -> Database:
    return run.state["database"]


DatabaseDep = Annotated[Database, TaskDepends(get_database)]


async def get_read_session(database: DatabaseDep) -> ReadSession:
    return database.read_session()


async def get_session(database: DatabaseDep) -> AsyncGenerator[Session]:
    """Committed when the task has succeeded."""
    async with database.session() as session:
        yield session


ReadSessionDep = Annotated[ReadSession, TaskDepends(get_read_session)]
SessionDep = Annotated[Session, TaskDepends(get_session)]
