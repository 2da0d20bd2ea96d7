"""The queue as the service uses it: enqueue a task, look at it, replay it."""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy import select

from app.core.errors import Conflict, Invalid, NotFound
from app.core.logging import get_logger
from app.db.database import Database
from app.db.session import Session
from app.queue.arguments import TaskType
from app.queue.engine import Engine, open_engine
from app.queue.models import Status, TaskRecord
from app.queue.spans import current_traceparent
from app.settings import Settings

logger = get_logger(__name__)

Listener = Callable[[str], Awaitable[None]]
"""Is called with the id of a task that has changed."""


class Queue:
    """Accepts tasks. An accepted task runs at least once, and takes effect once."""

    def __init__(self, engine: Engine, database: Database) -> None:
        self.engine = engine
        self._database = database
        self.on_change: list[Listener] = []

    def type_of(self, name: str) -> TaskType:
        """The type of a task.

        Raises:
            Invalid: there is no such task.
        """
        if (found := self.engine.types.get(name)) is None:
            raise Invalid(f"There is no task `{name}`.", location=("body", "name"))
        return found

    async def enqueue(
        self,
        session: Session,
        name: str,
        args: BaseModel | Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        owner_id: int | None = None,
    ) -> TaskRecord:
        """Enqueue a task with the commit of the session; a rollback enqueues nothing.

        Args:
            session: the unit of work that the task belongs to.
            name: the name of the task.
            args: its arguments.
            key: the same key of the same owner gives the same task.
            owner_id: the user who may see the task.

        Raises:
            Invalid: there is no such task, or it does not accept the arguments.
            Conflict: the key was used for another task, or with other arguments.
            Unavailable: the queue does not answer.
        """
        values = self.type_of(name).check(dict(args or {}))
        record = TaskRecord(
            task_id=uuid4().hex,
            name=name,
            args=values,
            owner_id=owner_id,
            traceparent=current_traceparent(),
            attempts=0,
        )
        if key is None:
            return await self._add(session, record)
        record.key = hashlib.sha256(f"{owner_id}/{key}".encode()).hexdigest()
        found = select(TaskRecord).filter_by(key=record.key)
        if (known := await session.scalar(found)) is None:
            try:
                async with session.begin_nested():
                    return await self._add(session, record)
            except Conflict:  # another request was faster; it may be invisible to this snapshot
                known = await session.scalar(found.with_for_update())
        if known is None or (known.name, known.args) != (name, values):
            raise Conflict("This idempotency key was used for another task.")
        return known

    async def _add(self, session: Session, record: TaskRecord) -> TaskRecord:
        await self.engine.send(session, record)
        session.add(record)
        await session.flush()
        return record

    async def get(self, task_id: str) -> TaskRecord:
        """A task as it is now.

        Raises:
            NotFound: there is no such task.
        """
        one = select(TaskRecord).filter_by(task_id=task_id)
        record = await self._database.read_session().scalar(one)
        if record is None:
            raise NotFound("There is no such task.")
        return record

    async def dead(self, after: int, limit: int) -> Sequence[TaskRecord]:
        """Dead tasks with the next ids."""
        dead = select(TaskRecord).filter_by(status=Status.DEAD).where(TaskRecord.id > after)
        reads = self._database.read_session()
        return (await reads.execute(dead.order_by(TaskRecord.id).limit(limit))).scalars().all()

    async def replay(self, session: Session, task_id: str) -> TaskRecord:
        """Enqueue a dead task again, with all its attempts.

        Raises:
            NotFound: there is no dead task with this id.
        """
        dead = select(TaskRecord).filter_by(task_id=task_id, status=Status.DEAD)
        if (record := await session.scalar(dead.with_for_update())) is None:
            raise NotFound("There is no such dead task.")
        record.status, record.progress, record.error = Status.QUEUED, 0.0, None
        record.attempts, record.crashes, record.finished_at = 0, 0, None
        await self.engine.send(session, record)
        return record

    async def announce(self, task_id: str) -> None:
        """Call the listeners for a task that has changed."""
        for listener in self.on_change:
            try:
                await listener(task_id)
            except Exception:
                logger.exception("task_listener_failed")


@asynccontextmanager
async def open_queue(settings: Settings, database: Database) -> AsyncGenerator[Queue]:
    """The queue of an application, from its start to its end."""
    async with open_engine(settings, database) as engine:
        yield Queue(engine, database)
