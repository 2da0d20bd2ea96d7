"""Runs attempts of tasks, and records how they ended. Each change of a record is one statement."""

import asyncio
import json
from asyncio import Task
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Float, Update, bindparam, delete, make_url, update

from app.core.errors import AppError, Unavailable
from app.core.logging import get_logger
from app.db.errors import translate_db_errors
from app.db.libpq import is_pooled
from app.lifespan import State
from app.queue.clock import from_now
from app.queue.current import CurrentTask, current
from app.queue.models import Status, TaskRecord
from app.queue.spans import traced

logger = get_logger(__name__)

PAUSE = 0.5
"""Seconds between attempts to record a change while the database does not answer. Giving up would
be taken for an error of the task."""

RETENTION_HOURS = 168
"""Of finished and dead tasks, with their results and idempotency keys."""

T = TypeVar("T")
ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)

DUE = {"due_at": from_now(bindparam("due_in", type_=Float()))}
"""When somebody has to look at it, in seconds; None: never."""
CLAIM = (
    update(TaskRecord)
    .values(DUE)
    .where(
        TaskRecord.task_id == bindparam("task"),
        TaskRecord.finished_at.is_(None),
        TaskRecord.attempts < bindparam("number"),
    )
)
"""A task that has not finished, and of which no later attempt has started."""
CHANGE = update(TaskRecord).where(
    TaskRecord.task_id == bindparam("task"),
    TaskRecord.status == Status.RUNNING,
    TaskRecord.attempts == bindparam("number"),
)
"""A task of an attempt that runs: a worker whose lease expired changes nothing."""
END = CHANGE.values(DUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A start of a task by the engine."""

    name: str = ""
    task_id: str = ""
    """Empty for a task without a record."""
    owner_id: int | None = None
    traceparent: str | None = None
    number: int = 1
    retry_at: Callable[[Exception], datetime | None] = lambda _: None
    """The time of the next attempt after this error; None if there is none."""


class Runner:
    """Runs the tasks of a process, and keeps their records."""

    lease: float | None = None
    """How many seconds others leave a started task alone, where its record has the lease."""

    def __init__(self, state: State) -> None:
        settings = state["settings"]
        self._state = state
        self._timeout = settings.database_statement_timeout_seconds
        # One round trip for a change, except where PgBouncer could split it.
        is_split = is_pooled(make_url(settings.database_url.get_secret_value()))
        self._options: dict[str, Any] = {} if is_split else {"isolation_level": "AUTOCOMMIT"}

    async def run(self, attempt: Attempt, call: Callable[[], Awaitable[Any]]) -> object:
        """Call a task; its error, if there is one, is recorded and raised again."""
        if not attempt.task_id:
            with self.as_current(attempt):
                return await call()
        if not await self.start(attempt):
            return None
        try:
            await asyncio.sleep(0)  # raises a cancellation during the start
            with self.as_current(attempt):
                result = json.loads(ANYTHING.dump_json(await call()))
        except asyncio.CancelledError:  # the task waits again
            await self.end(attempt, Status.QUEUED, due_in=0)
            raise
        except Exception as error:
            await self.fail(attempt, error)
            raise
        await self.end(attempt, Status.SUCCEEDED, result=result, progress=1.0)
        return result

    async def start(self, attempt: Attempt) -> bool:
        """Claim the task of an attempt; not if it has finished, or a later one has started."""
        values = {
            "status": Status.RUNNING,
            "attempts": attempt.number,
            "error": None,
            "due_in": self.lease,
        }
        is_claimed = await self._change(CLAIM, attempt, values)
        if not is_claimed:
            logger.info("task_skipped", task_id=attempt.task_id, attempt=attempt.number)
        return is_claimed

    async def fail(self, attempt: Attempt, error: Exception) -> None:
        """Record an error, after which the task is run again, refused or dead."""
        text = error.detail if isinstance(error, AppError) else f"{type(error).__name__}: {error}"
        status, due_in = Status.after(error), None
        if status is Status.DEAD and (retry_at := attempt.retry_at(error)) is not None:
            status, due_in = Status.QUEUED, (retry_at - datetime.now(UTC)).total_seconds()
        storable = text.encode(errors="replace").decode().replace("\0", "")[:500]
        await self.end(attempt, status, error=storable, due_in=due_in)

    async def end(
        self,
        attempt: Attempt,
        status: Status,
        *,
        due_in: float | None = None,
        **values: Any,  # noqa: ANN401
    ) -> None:
        """Record the status of a task after an attempt, and other columns."""
        finished_at = None if status is Status.QUEUED else datetime.now(UTC)
        values |= {"status": status, "due_in": due_in, "finished_at": finished_at}
        if not await self._change(END, attempt, values):
            logger.warning("task_lost", task_id=attempt.task_id, attempt=attempt.number)

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
        except asyncio.CancelledError as error:
            if (running := asyncio.current_task()) is None or running.cancelling():
                raise
            raise RuntimeError("The task awaited a cancelled call.") from error
        finally:
            current.reset(token)

    async def delete_old(self) -> None:
        """Delete tasks that finished before the time of retention."""
        before = datetime.now(UTC) - timedelta(hours=RETENTION_HOURS)
        async with self._state["database"].session() as session:
            await session.execute(delete(TaskRecord).where(TaskRecord.finished_at < before))

    async def _change(self, which: Update, attempt: Attempt, values: Mapping[str, Any]) -> bool:
        while True:
            trying = asyncio.create_task(self._try(which, attempt, values))
            try:
                return await _result(trying)
            except Unavailable:
                logger.warning("task_not_recorded", task_id=attempt.task_id)
                await asyncio.sleep(PAUSE)

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


async def _result(task: Task[T]) -> T:
    """The result of a statement, which a cancellation does not end: its outcome would be unknown.

    The cancellation is raised at the next `await`.
    """
    is_cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            is_cancelled = True
    if is_cancelled and (running := asyncio.current_task()) is not None:
        running.cancel()
    return task.result()
