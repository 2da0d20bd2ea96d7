"""The queue as the service uses it: enqueue, look, replay."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pydantic import BaseModel

from app.core.config import CoreSettings
from app.core.environment import SettingsError
from app.core.errors import Conflict, NotFound
from app.core.logging import get_logger
from app.core.queue.memory import MemoryStore
from app.core.queue.record import DeadLetter, TaskRecord
from app.core.queue.shared import RedisStore
from app.core.queue.store import Store
from app.core.queue.task import Tasks, load_tasks
from app.redis.client import RedisClient, open_redis

logger = get_logger(__name__)

Listener = Callable[[str], Awaitable[None]]
"""Is told the id of a task that has changed: it was started, has reported, or has ended."""


class Queue:
    """Accepts tasks: what it has accepted is run at least once, and counts once."""

    def __init__(self, store: Store, tasks: Tasks, *, in_process: bool) -> None:
        self.store = store
        self.tasks = tasks
        self.in_process = in_process
        """Whether the service runs tasks itself, beside its requests."""
        self.news = asyncio.Event()
        """There is something in the outbox."""
        self.listeners: list[Listener] = []

    def prepare(
        self,
        name: str,
        args: BaseModel | None = None,
        *,
        owner_id: int | None = None,
        key: str | None = None,
    ) -> TaskRecord:
        """A task that can be enqueued. The same key of the same owner gives the same one.

        Raises:
            NotFound: there is no such task.
        """
        if (task := self.tasks.get(name)) is None:
            raise NotFound(f"There is no task `{name}`.")
        args = task.arguments.model_validate({} if args is None else args.model_dump())
        values: dict[str, Any] = args.model_dump(mode="json")
        return TaskRecord(
            task_id=uuid4().hex if key is None else _id_of(name, owner_id, key),
            name=name,
            queue=task.queue,
            args=values,
            owner_id=owner_id,
            created_at=datetime.now(UTC),
        )

    async def add(self, record: TaskRecord) -> TaskRecord:
        """Enqueue a task; one that was enqueued before is not enqueued again.

        Raises:
            Conflict: it was, with the same key and other arguments.
            Unavailable: there is no answer, or no room.
        """
        known = await self.store.add(record)
        if known.args != record.args:
            raise Conflict("This key was used with other arguments.")
        return known

    async def enqueue(
        self,
        name: str,
        args: BaseModel | None = None,
        *,
        owner_id: int | None = None,
        key: str | None = None,
    ) -> TaskRecord:
        """Enqueue a task at once; for one that belongs to a write there is the outbox.

        Raises:
            NotFound, Conflict, Unavailable: see `prepare` and `add`.
        """
        return await self.add(self.prepare(name, args, owner_id=owner_id, key=key))

    async def get(self, task_id: str) -> TaskRecord:
        """What is known of a task.

        Raises:
            NotFound: there was none, or not lately.
        """
        if (record := await self.store.get(task_id)) is None:
            raise NotFound("There is no such task.")
        return record

    async def dead(self, after: int, limit: int) -> Sequence[DeadLetter]:
        """The next of those that were given up."""
        return await self.store.dead(after, limit)

    async def replay(self, task_id: str) -> TaskRecord:
        """Give one of the dead another life.

        Raises:
            NotFound: it is not among them.
        """
        if not await self.store.replay(task_id):
            raise NotFound("There is no such task among the dead.")
        await self.announce(task_id)
        return await self.get(task_id)

    async def announce(self, task_id: str) -> None:
        """Tell the listeners that a task has changed; one that fails is logged."""
        for tell in self.listeners:
            try:
                await tell(task_id)
            except Exception:
                logger.exception("task_listener_failed", id=task_id)


@asynccontextmanager
async def open_queue(settings: CoreSettings, redis: RedisClient | None) -> AsyncGenerator[Queue]:
    """The queue of an application, from its start to its end.

    Raises:
        SettingsError: a task waits in a queue that no worker empties.
    """
    tasks = load_tasks()
    if strays := [task.name for task in tasks.values() if task.queue not in settings.queue_names]:
        raise SettingsError(f"QUEUE_NAMES does not list the queue of: {', '.join(strays)}.")
    in_process = settings.queue_in_process
    if in_process is None:  # a worker of its own would not see all that the service has
        in_process = bool([*settings.single_process_constraints(dict(settings))])
    if redis is None:
        yield Queue(MemoryStore(settings), tasks, in_process=True)
        return
    # Work that must not be lost is worth more time than what can be done without.
    patient = settings.model_copy(update={"redis_timeout_seconds": settings.queue_timeout_seconds})
    async with open_redis(patient) as own:
        assert own is not None  # noqa: S101  # there is a URL
        yield Queue(RedisStore(own, settings), tasks, in_process=in_process)


def _id_of(name: str, owner_id: int | None, key: str) -> str:
    return hashlib.sha256(f"{owner_id}/{name}/{key}".encode()).hexdigest()[:32]
