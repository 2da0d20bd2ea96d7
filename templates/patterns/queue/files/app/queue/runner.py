"""Runs attempts of tasks, and records how they ended. Each change of a record is one statement."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Update, bindparam, delete, make_url, update

from app.core.errors import AppError, Unavailable
from app.core.logging import get_logger
from app.db.errors import translate_db_errors
from app.db.libpq import is_pooled
from app.lifespan import State
from app.queue.current import CurrentTask, current
from app.queue.models import Status, TaskRecord
from app.queue.spans import traced

logger = get_logger(__name__)

PAUSES = (0.1, 0.5, 2.0)
"""Seconds between attempts to record a change while the database does not answer; the last pause is
repeated. Giving up would be taken for an error of the task."""

ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)

CLAIM = update(TaskRecord).where(
    TaskRecord.task_id == bindparam("task"),
    TaskRecord.finished_at.is_(None),
    TaskRecord.attempts < bindparam("number"),
)
"""A task that has not finished, and of which no later attempt has started."""
CHANGE = update(TaskRecord).where(
    TaskRecord.task_id == bindparam("task"),
    TaskRecord.status == Status.RUNNING,
    TaskRecord.attempts == bindparam("number"),
)
"""A task of an attempt that runs: a worker whose lease expired changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A start of a task by the engine."""

    task_id: str
    """Empty for a task without a record."""
    name: str = ""
    owner_id: int | None = None
    traceparent: str | None = None
    number: int = 1
    lease: timedelta | None = None
    """Until when others leave the task alone, where the record has the lease."""
    retry_at: Callable[[Exception], datetime | None] = lambda _: None
    """The time of the next attempt after this error; None if there is none."""


class Runner:
    """Runs the tasks of a process, and keeps their records."""

    def __init__(self, state: State) -> None:
        settings = state["settings"]
        self._state = state
        self._timeout = settings.database_statement_timeout_seconds
        # One round trip for a change, except where PgBouncer could split it.
        is_split = is_pooled(make_url(settings.database_url.get_secret_value()))
        self._options: dict[str, Any] = {} if is_split else {"isolation_level": "AUTOCOMMIT"}
        self.running: set[tuple[str, int]] = set()
        """The attempts that run now: the id of the task, and the number."""

    async def run(self, attempt: Attempt, call: Callable[[], Awaitable[Any]]) -> object:
        """Call a task; its error, if there is one, is recorded and raised again."""
        if not attempt.task_id:
            with self.as_current(attempt):
                return await call()
        if not await self.start(attempt):
            return None
        try:
            with self.as_current(attempt):
                result = as_json(await call())
        except asyncio.CancelledError:
            await self.put_back(attempt)
            raise
        except Exception as error:
            await self.fail(attempt, error, attempt.retry_at(error))
            raise
        await self.succeed(attempt, result)
        return result

    async def start(self, attempt: Attempt) -> bool:
        """Claim the task of an attempt; not if it has finished, or a later one has started."""
        values = {
            "status": Status.RUNNING,
            "attempts": attempt.number,
            "error": None,
            "due_at": None if attempt.lease is None else _now() + attempt.lease,
        }
        if not await self._change(CLAIM, attempt, values):
            logger.info("task_skipped", task_id=attempt.task_id, attempt=attempt.number)
            return False
        self.running.add((attempt.task_id, attempt.number))
        return True

    async def succeed(self, attempt: Attempt, result: object) -> None:
        """Record a result, as `as_json` returns it."""
        await self._end(attempt, Status.SUCCEEDED, result=result, progress=1.0)

    async def fail(
        self, attempt: Attempt, error: BaseException, retry_at: datetime | None = None
    ) -> None:
        """Record an error, after which the task is run again, refused or dead."""
        text = error.detail if isinstance(error, AppError) else f"{type(error).__name__}: {error}"
        status = Status.after(error)
        if status is Status.DEAD and retry_at is not None:
            status = Status.QUEUED
        due_at = retry_at if status is Status.QUEUED else None
        await self._end(attempt, status, error=text.replace("\0", "")[:500], due_at=due_at)

    async def put_back(self, attempt: Attempt) -> None:
        """Record that an attempt was cancelled: the task waits again."""
        await self._end(attempt, Status.QUEUED, due_at=_now())

    @contextmanager
    def as_current(self, attempt: Attempt) -> Generator[None]:
        """Make an attempt the current task of a block, and trace it."""

        async def report(progress: float) -> None:
            values = {"progress": min(max(progress, 0.0), 1.0)}
            with suppress(Unavailable):  # the task does not fail for it
                await self._try(CHANGE, attempt, values)

        task = CurrentTask(
            state=self._state,
            task_id=attempt.task_id,
            owner_id=attempt.owner_id,
            attempt=attempt.number,
            report=report,
        )
        token = current.set(task)
        try:
            with traced(attempt.name, attempt.traceparent):
                yield
        finally:
            current.reset(token)

    async def delete_old(self) -> None:
        """Delete tasks that finished before the time of retention."""
        before = _now() - timedelta(hours=self._state["settings"].queue_retention_hours)
        async with self._state["database"].session() as session:
            await session.execute(delete(TaskRecord).where(TaskRecord.finished_at < before))

    async def _end(
        self,
        attempt: Attempt,
        status: Status,
        *,
        due_at: datetime | None = None,
        **values: Any,  # noqa: ANN401
    ) -> None:
        self.running.discard((attempt.task_id, attempt.number))
        finished_at = None if status is Status.QUEUED else _now()
        values |= {"status": status, "due_at": due_at, "finished_at": finished_at}
        if not await self._change(CHANGE, attempt, values):
            logger.warning("task_lost", task_id=attempt.task_id, attempt=attempt.number)

    async def _change(self, which: Update, attempt: Attempt, values: Mapping[str, Any]) -> bool:
        pauses = chain(PAUSES, repeat(PAUSES[-1]))
        while True:
            try:
                return await self._try(which, attempt, values)
            except Unavailable:
                logger.warning("task_not_recorded", task_id=attempt.task_id)
                await asyncio.sleep(next(pauses))

    async def _try(self, which: Update, attempt: Attempt, values: Mapping[str, Any]) -> bool:
        """Set these columns of the record of an attempt; whether it still is the attempt's."""
        found = {"task": attempt.task_id, "number": attempt.number}
        with translate_db_errors(disconnected=Unavailable):
            async with (
                asyncio.timeout(self._timeout),
                self._state["database"].writes.connect() as writes,
            ):
                await writes.execution_options(**self._options)
                done = await writes.execute(which, {**found, **values})
                await writes.commit()
        if is_changed := done.rowcount > 0:
            await self._state["queue"].announce(attempt.task_id)
        return is_changed


def as_json(result: object) -> object:
    """A result as it is stored."""
    return json.loads(ANYTHING.dump_json(result))


def _now() -> datetime:
    return datetime.now(UTC)
