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
from time import monotonic
from typing import Any, Self

from sqlalchemy import Select, select, tuple_, update

from app.core.errors import AppError
from app.core.logging import get_logger
from app.db.database import Database
from app.db.session import Session
from app.queue.models import Status, TaskRecord
from app.settings import Settings

logger = get_logger(__name__)

BATCH = 50
UNFINISHED = (Status.QUEUED, Status.RUNNING)
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
    traceparent: str | None

    @classmethod
    def of(cls, record: TaskRecord) -> Self:
        return cls(
            task_id=record.task_id,
            attempt=record.attempts + 1,
            name=record.name,
            args=record.args,
            owner_id=record.owner_id,
            traceparent=record.traceparent,
        )


class Outbox:
    """Sends tasks when they are due, and again when the lease of their worker has expired."""

    def __init__(self, database: Database, settings: Settings, names: Collection[str]) -> None:
        self._database = database
        self._names = names
        """The tasks that this version of the service has; another one sends the others."""
        self._poll = settings.queue_poll_seconds
        self.lease = timedelta(seconds=settings.queue_lease_seconds)
        self._committed: list[Message] = []
        self._changed = Event()

    def add(self, session: Session, record: TaskRecord) -> None:
        """Send a task after the commit of the session; others send it if this process ends."""
        record.due_at = datetime.now(UTC) + self.lease

        async def send() -> None:
            if record in session:  # not after a rollback to a savepoint
                self._committed.append(Message.of(record))
                self._changed.set()

        session.on_commit(send)

    async def relay(self, publish: Callable[[Sequence[Message]], Awaitable[None]]) -> None:
        """Publish tasks that were added here or are due, until it is cancelled."""
        next_look = 0.0
        while True:
            self._changed.clear()
            found, self._committed = self._committed[:BATCH], self._committed[BATCH:]
            try:
                if monotonic() >= next_look:
                    due = await self._claim()
                    next_look = 0.0 if len(due) == BATCH else monotonic() + self._poll
                    found.extend(due)
                if found:
                    await publish(found)
                    await self._set_due(found, datetime.now(UTC) + SENT_AGAIN_AFTER)
            except Exception as error:  # noqa: BLE001  # the next attempt may succeed
                logger.warning("tasks_not_sent", waiting=len(found), error=repr(error))
                with suppress(AppError):
                    await self._set_due(found, datetime.now(UTC))
                await asyncio.sleep(self._poll)
            if not self._committed:
                with suppress(TimeoutError):
                    async with asyncio.timeout(next_look - monotonic()):
                        await self._changed.wait()

    async def _claim(self) -> Sequence[Message]:
        """The next tasks that are due. No other process sends them for the time of a lease."""
        now = datetime.now(UTC)
        async with self._database.session() as session:
            due = _due(Status.QUEUED, now).where(TaskRecord.name.in_(self._names))
            records = (await session.execute(due)).scalars().all()
            for record in records:
                record.due_at = now + self.lease
            return [Message.of(record) for record in records]

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
                record.crash()
                record.due_at = now if record.status is Status.QUEUED else None
                logger.warning("lease_expired", task_id=record.task_id, crashes=record.crashes)
        return [record.task_id for record in expired]

    async def restart(self) -> None:
        """Take all tasks from a process that has ended, where there was only one."""
        async with self._database.session() as session:
            unfinished = update(TaskRecord).where(TaskRecord.status.in_(UNFINISHED))
            await session.execute(unfinished.values(due_at=datetime.now(UTC)))

    async def adopt(self) -> None:
        """Take tasks from another engine, which the project had before. They have no lease."""
        async with self._database.session() as session:
            unknown = update(TaskRecord).where(
                TaskRecord.status.in_(UNFINISHED), TaskRecord.due_at.is_(None)
            )
            await session.execute(unknown.values(due_at=datetime.now(UTC)))

    async def _set_due(self, messages: Sequence[Message], due_at: datetime) -> None:
        """Not for tasks that a worker has started meanwhile."""
        waiting = [(message.task_id, message.attempt - 1) for message in messages]
        await self._update(Status.QUEUED, waiting, due_at)

    async def _update(
        self, status: Status, attempts: Collection[tuple[str, int]], due_at: datetime
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
