"""The outbox: tasks that are enqueued if, and only if, the writes beside them are committed."""

import json

from pydantic import BaseModel

from app.core.errors import Conflict
from app.core.logging import get_logger
from app.core.queue.queue import Queue
from app.core.queue.record import TaskRecord
from app.db.database import Database
from app.db.sessions import Session
from app.models.outbox import OutboxMessage
from app.repositories.outbox import OutboxRepository

logger = get_logger(__name__)

BATCH = 100


class Outbox:
    """Tasks are written in the session of the caller; a relay moves them to the queue."""

    def __init__(self, session: Session, queue: Queue) -> None:
        self._session = session
        self._messages = OutboxRepository(session)
        self._queue = queue

    async def put(
        self,
        name: str,
        args: BaseModel | None = None,
        *,
        owner_id: int | None = None,
        key: str | None = None,
    ) -> TaskRecord:
        """Enqueue a task with the commit. The same key of the same owner gives the same one.

        Raises:
            NotFound: there is no such task.
        """
        task = self._queue.prepare(name, args, owner_id=owner_id, key=key)
        message = OutboxMessage(
            task_id=task.task_id,
            name=task.name,
            queue=task.queue,
            args=json.dumps(task.args),
            owner_id=task.owner_id,
        )
        await self._messages.add(message)
        self._session.on_commit(self._tell)
        return task

    async def _tell(self) -> None:
        self._queue.news.set()


async def relay(database: Database, queue: Queue) -> int:
    """Bring some tasks to the queue; how many. One that is brought twice is there once.

    Raises:
        Unavailable: the queue or the database does not answer; they are still there.
    """
    if not await OutboxRepository(database.read_session()).list_after(0, 1):
        return 0
    async with database.session() as session:
        messages = OutboxRepository(session)
        claimed = await messages.claim(BATCH)
        for message in claimed:
            try:
                await queue.add(_task(message))
            except Conflict:  # there is one with the same key, which counts
                logger.warning("task_dropped", task=message.name, id=message.task_id)
        await messages.delete_all(claimed)
    return len(claimed)


def _task(message: OutboxMessage) -> TaskRecord:
    return TaskRecord(
        task_id=message.task_id,
        name=message.name,
        queue=message.queue,
        args=json.loads(message.args),
        owner_id=message.owner_id,
        created_at=message.created_at,
    )
