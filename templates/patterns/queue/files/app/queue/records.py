"""Records what becomes of tasks. Each change is one statement, which checks who makes it."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any

from sqlalchemy import ColumnElement, delete, make_url, update

from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.db.database import Database
from app.db.errors import translate_db_errors
from app.db.libpq import is_pooled
from app.db.settings import DatabaseSettings
from app.queue.models import UNFINISHED, Status, TaskRecord
from app.queue.queue import Queue

logger = get_logger(__name__)

PAUSES = (0.1, 0.5, 2.0)
"""Seconds between attempts to record a change while the database does not answer; the last pause is
repeated. Giving up would be taken for an error of the task."""


class Records:
    """The rows of tasks, for workers."""

    def __init__(self, database: Database, queue: Queue, settings: DatabaseSettings) -> None:
        self._database = database
        self._queue = queue
        self._timeout = settings.database_statement_timeout_seconds
        # One round trip for a change, except where PgBouncer could split it.
        is_split = is_pooled(make_url(settings.database_url.get_secret_value()))
        self._options: dict[str, Any] = {} if is_split else {"isolation_level": "AUTOCOMMIT"}

    async def start(self, task_id: str, attempt: int, lease: timedelta | None = None) -> bool:
        """Claim a task; not if it has finished, or a later attempt has started."""
        earlier = TaskRecord.attempts < attempt
        is_unfinished = TaskRecord.status.in_(UNFINISHED)
        values = {"status": Status.RUNNING, "attempts": attempt, "error": None}
        values["due_at"] = None if lease is None else _now() + lease
        return await self._change(task_id, earlier & is_unfinished, values)

    async def report(self, task_id: str, attempt: int, progress: float) -> bool:
        values = {"progress": min(max(progress, 0.0), 1.0)}
        return await self._try(task_id, _is_running(attempt), values)

    async def release(
        self,
        task_id: str,
        attempt: int,
        error: str | None = None,
        due_at: datetime | None = None,
    ) -> bool:
        """The attempt has ended, and there will be another one."""
        values = {"status": Status.QUEUED, "error": error, "due_at": due_at}
        return await self._change(task_id, _is_running(attempt), values)

    async def finish(
        self,
        task_id: str,
        attempt: int,
        status: Status,
        *,
        result: object = None,
        error: str | None = None,
    ) -> bool:
        values = {
            "status": status,
            "result": result,
            "error": error,
            "finished_at": _now(),
            "due_at": None,
        }
        if status is Status.SUCCEEDED:
            values["progress"] = 1.0
        return await self._change(task_id, _is_running(attempt), values)

    async def bury(self, task_id: str, error: str) -> bool:
        """Give up a task that cannot be run."""
        values = {"status": Status.DEAD, "error": error, "finished_at": _now()}
        return await self._change(task_id, TaskRecord.status.in_(UNFINISHED), values)

    async def delete_old(self, hours: int) -> None:
        """Delete tasks that finished before that."""
        async with self._database.session() as session:
            before = _now() - timedelta(hours=hours)
            await session.execute(delete(TaskRecord).where(TaskRecord.finished_at < before))

    async def _change(
        self, task_id: str, condition: ColumnElement[bool], values: dict[str, Any]
    ) -> bool:
        pauses = chain(PAUSES, repeat(PAUSES[-1]))
        while True:
            try:
                return await self._try(task_id, condition, values)
            except Unavailable:
                logger.warning("task_not_recorded", task_id=task_id)
                await asyncio.sleep(next(pauses))

    async def _try(
        self, task_id: str, condition: ColumnElement[bool], values: dict[str, Any]
    ) -> bool:
        statement = update(TaskRecord).where(TaskRecord.task_id == task_id, condition)
        with translate_db_errors(disconnected=Unavailable):
            async with asyncio.timeout(self._timeout), self._database.writes.connect() as writes:
                await writes.execution_options(**self._options)
                done = await writes.execute(statement.values(values))
                await writes.commit()
        if is_changed := done.rowcount > 0:
            await self._queue.announce(task_id)
        return is_changed


def _is_running(attempt: int) -> ColumnElement[bool]:
    return (TaskRecord.status == Status.RUNNING) & (TaskRecord.attempts == attempt)


def _now() -> datetime:
    return datetime.now(UTC)
