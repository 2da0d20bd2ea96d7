"""The outbox: tasks that wait to be sent to the broker, and those whose worker has ended.

A row of `tasks` is for the outbox when its `due_at` has passed. The caller's transaction adds it: a
task is sent if, and only if, that transaction commits. The row, and not the broker, decides which
worker runs a task: an attempt that is delivered twice starts once.
"""

import asyncio
from asyncio import Event
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from sqlalchemy import Select, select, tuple_, update

from app.core.errors import AppError
from app.core.logging import get_logger
from app.db.database import Database
from app.queue.models import UNFINISHED, Status, TaskRecord
from app.settings import Settings

logger = get_logger(__name__)

BATCH = 50
SENT_AGAIN_AFTER = timedelta(hours=1)
"""A broker can lose what it stored, and a worker what it has fetched. A task that has not started
by then is sent once more."""


@dataclass(frozen=True, slots=True)
class Message:
    """One attempt of a task, on its way to a worker."""

    task_id: str
    attempt: int
    name: str
    args: dict[str, Any]
    owner_id: int | None

    @classmethod
    def of(cls, record: TaskRecord) -> Self:
        number = record.attempts + 1
        return cls(record.task_id, number, record.name, record.args, record.owner_id)


class Outbox:
    """Sends tasks when they are due, and again when the lease of their worker has expired."""

    def __init__(self, database: Database, settings: Settings, names: Collection[str]) -> None:
        self._database = database
        self._names = names
        """The tasks that this version of the service has; another one sends the others."""
        self._poll = settings.queue_poll_seconds
        self._max_crashes = settings.queue_max_crashes
        self.lease = timedelta(seconds=settings.queue_lease_seconds)
        self._changed = Event()

    async def wake(self) -> None:
        """Look for tasks now: one was committed."""
        self._changed.set()

    async def relay(self, publish: Callable[[Sequence[Message]], Awaitable[None]]) -> None:
        """Publish tasks that are due, until it is cancelled."""
        while True:
            self._changed.clear()
            found: Sequence[Message] = ()
            try:
                if found := await self._claim():
                    await publish(found)
                    await self._mark_sent(found)
            except Exception as error:  # noqa: BLE001  # the next attempt may succeed
                logger.warning("tasks_not_sent", waiting=len(found), error=repr(error))
                with suppress(AppError):
                    await self._unclaim(found)
                await asyncio.sleep(self._poll)
            if len(found) < BATCH:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll):
                        await self._changed.wait()

    async def _claim(self) -> Sequence[Message]:
        """The next tasks to send. No other process sends them for the time of a lease."""
        now = datetime.now(UTC)
        async with self._database.session() as session:
            due = _due(Status.QUEUED, now).where(TaskRecord.name.in_(self._names))
            records = (await session.execute(due)).scalars().all()
            if records:
                ids = [record.id for record in records]
                claimed = update(TaskRecord).where(TaskRecord.id.in_(ids))
                await session.execute(
                    claimed.values(due_at=now + self.lease),
                    execution_options={"synchronize_session": False},
                )
            return [Message.of(record) for record in records]

    async def _mark_sent(self, messages: Sequence[Message]) -> None:
        await self._set_due(messages, datetime.now(UTC) + SENT_AGAIN_AFTER)

    async def _unclaim(self, messages: Sequence[Message]) -> None:
        await self._set_due(messages, datetime.now(UTC))

    async def _set_due(self, messages: Sequence[Message], due_at: datetime | None) -> None:
        """Not for tasks that a worker has started meanwhile."""
        waiting = [(message.task_id, message.attempt - 1) for message in messages]
        await self._update(Status.QUEUED, waiting, due_at)

    async def postpone(self, task_id: str) -> None:
        """Send a task again after a lease: the worker that got it has no such task."""
        waiting = update(TaskRecord).filter_by(task_id=task_id, status=Status.QUEUED)
        async with self._database.session() as session:
            await session.execute(waiting.values(due_at=datetime.now(UTC) + self.lease))

    async def renew(self, running: Collection[tuple[str, int]]) -> None:
        """Extend the leases of attempts, each a task's id and a number, that this worker runs."""
        await self._update(Status.RUNNING, running, datetime.now(UTC) + self.lease)

    async def sweep(self) -> Sequence[str]:
        """Send tasks again whose lease has expired; the ids of all that were found.

        A task that has ended too many workers is dead.
        """
        now = datetime.now(UTC)
        async with self._database.session() as session:
            expired = (await session.execute(_due(Status.RUNNING, now))).scalars().all()
            for record in expired:
                record.crash(self._max_crashes)
                record.due_at = now if record.status is Status.QUEUED else None
                logger.warning("lease_expired", task_id=record.task_id, crashes=record.crashes)
            session.on_commit(self.wake)
        return [record.task_id for record in expired]

    async def restart(self) -> None:
        """Take all tasks from a process that has ended, where there was only one."""
        async with self._database.session() as session:
            unfinished = update(TaskRecord).where(TaskRecord.status.in_(UNFINISHED))
            await session.execute(unfinished.values(due_at=datetime.now(UTC)))

    async def _update(
        self, status: Status, attempts: Collection[tuple[str, int]], due_at: datetime | None
    ) -> None:
        if not attempts:
            return
        found = tuple_(TaskRecord.task_id, TaskRecord.attempts).in_([*attempts])
        changed = update(TaskRecord).where(TaskRecord.status == status, found)
        async with self._database.session() as session:
            await session.execute(
                changed.values(due_at=due_at), execution_options={"synchronize_session": False}
            )


def _due(status: Status, now: datetime) -> Select[TaskRecord]:
    """The rows are locked. Those that another process has locked are its own."""
    due = select(TaskRecord).where(TaskRecord.status == status, TaskRecord.due_at <= now)
    return due.order_by(TaskRecord.due_at).limit(BATCH).with_for_update(skip_locked=True)
