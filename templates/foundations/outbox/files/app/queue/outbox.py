"""The outbox: tasks that wait to be sent to the broker, and those whose worker has ended.

A row of `tasks` is for the outbox when its `due_at` has passed. The caller's transaction adds it: a
task is sent if, and only if, that transaction commits. The row, and not the broker, decides which
worker runs a task: an attempt that is delivered twice starts once.
"""

import asyncio
from asyncio import Event
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from time import monotonic

from sqlalchemy import Select, select, tuple_, update

from app.core.logging import get_logger
from app.db.database import Database
from app.db.session import Session
from app.queue.clock import from_now
from app.queue.models import Status, TaskRecord
from app.settings import Settings

logger = get_logger(__name__)

BATCH = 50
UNFINISHED = (Status.QUEUED, Status.RUNNING)
SENT_AGAIN_AFTER = 3600.0
"""Seconds. A broker can lose what it stored, and a worker what it has fetched. A task that has not
started by then is sent once more."""


class Outbox:
    """Sends tasks when they are due, and again when the lease of their worker has expired."""

    def __init__(self, database: Database, settings: Settings, names: Collection[str]) -> None:
        self._database = database
        self._names = names
        """The tasks that this version of the service has; another one sends the others."""
        self._poll = settings.queue_poll_seconds
        self.lease = settings.queue_lease_seconds
        self._committed: list[TaskRecord] = []
        self._changed = Event()

    def add(self, session: Session, record: TaskRecord) -> None:
        """Send a task after the commit of the session; others send it if this process ends."""
        record.due_at = from_now(self.lease)

        async def send() -> None:
            if record in session:  # not after a rollback to a savepoint
                self._committed.append(record)
                self._changed.set()

        session.on_commit(send)

    async def relay(self, publish: Callable[[Sequence[TaskRecord]], Awaitable[None]]) -> None:
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
                    await self._set_due(found, SENT_AGAIN_AFTER)
            except Exception as error:  # noqa: BLE001  # the next attempt may succeed
                logger.warning("tasks_not_sent", waiting=len(found), error=repr(error))
                with suppress(Exception):  # otherwise it is due after the lease
                    await self._set_due(found, 0)
                await asyncio.sleep(self._poll)
            if not self._committed:
                with suppress(TimeoutError):
                    async with asyncio.timeout(next_look - monotonic()):
                        await self._changed.wait()

    async def _claim(self) -> Sequence[TaskRecord]:
        """The next tasks that are due. No other process sends them for the time of a lease."""
        async with self._database.session() as session:
            due = _due(Status.QUEUED).where(TaskRecord.name.in_(self._names))
            records = (await session.execute(due)).scalars().all()
            for record in records:
                record.due_at = from_now(self.lease)
        return records

    async def postpone(self, task_id: str) -> None:
        """Send a task again after a lease: the worker that got it has no such task."""
        waiting = update(TaskRecord).filter_by(task_id=task_id, status=Status.QUEUED)
        async with self._database.session() as session:
            await session.execute(waiting.values(due_at=from_now(self.lease)))

    async def renew(self, running: Collection[tuple[str, int]]) -> None:
        """Extend the leases of attempts, each a task's id and a number, that this worker runs."""
        await self._update(Status.RUNNING, running, self.lease)

    async def sweep(self) -> Sequence[str]:
        """Send tasks again whose lease has expired; the ids of all that were found.

        A task that has ended too many workers is dead.
        """
        async with self._database.session() as session:
            expired = (await session.execute(_due(Status.RUNNING))).scalars().all()
            for record in expired:
                record.crash()
                record.due_at = from_now(0) if record.status is Status.QUEUED else None
                logger.warning("lease_expired", task_id=record.task_id, crashes=record.crashes)
        return [record.task_id for record in expired]

    async def adopt(self, *, everything: bool = False) -> None:
        """Take the tasks of another engine, which the project had before: they have no lease.

        Args:
            everything: take those of a process that has ended too, where there was only one.
        """
        unfinished = update(TaskRecord).where(TaskRecord.status.in_(UNFINISHED))
        if not everything:
            unfinished = unfinished.where(TaskRecord.due_at.is_(None))
        async with self._database.session() as session:
            await session.execute(unfinished.values(due_at=from_now(0)))

    async def _set_due(self, records: Sequence[TaskRecord], seconds: float) -> None:
        """Not for tasks that a worker has started meanwhile."""
        waiting = [(record.task_id, record.attempts) for record in records]
        await self._update(Status.QUEUED, waiting, seconds)

    async def _update(
        self, status: Status, attempts: Collection[tuple[str, int]], seconds: float
    ) -> None:
        if not attempts:
            return
        found = tuple_(TaskRecord.task_id, TaskRecord.attempts).in_([*attempts])
        changed = update(TaskRecord).where(TaskRecord.status == status, found)
        async with self._database.session() as session:
            await session.execute(
                changed.values(due_at=from_now(seconds)),
                execution_options={"synchronize_session": False},
            )


def _due(status: Status) -> Select[TaskRecord]:
    """The rows are locked. Those that another process has locked are its own."""
    due = select(TaskRecord).where(TaskRecord.status == status, TaskRecord.due_at <= from_now(0))
    return due.order_by(TaskRecord.due_at).limit(BATCH).with_for_update(skip_locked=True)
