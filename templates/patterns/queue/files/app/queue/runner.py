"""Runs one attempt of a task, and records how it ended."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from app.core.errors import AppError, Unavailable
from app.core.logging import get_logger
from app.lifespan import State
from app.queue.current import CurrentTask, current
from app.queue.errors import is_refusal
from app.queue.models import Status
from app.queue.records import Records

logger = get_logger(__name__)

ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A start of a task by the engine."""

    task_id: str
    """Empty for a task without a record."""
    owner_id: int | None = None
    number: int = 1
    lease: timedelta | None = None
    """Until when others leave the task alone, where the record has the lease."""
    retry_at: Callable[[Exception], datetime | None] = lambda _: None
    """When the task will be run again after this error; None if it will not."""
    is_put_back: Callable[[], bool] = lambda: True
    """Whether the task will be run again after a cancellation."""


class Runner:
    """Keeps the records of tasks that a process runs."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.records = Records(state["database"], state["queue"], state["settings"])
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
            await self.cancel(attempt)
            raise
        except Exception as error:
            await self.fail(attempt, error, attempt.retry_at(error))
            raise
        await self.succeed(attempt, result)
        return result

    async def start(self, attempt: Attempt) -> bool:
        """Claim the task of an attempt; not if it has finished, or a later one has started."""
        key = (attempt.task_id, attempt.number)
        if not await self.records.start(*key, attempt.lease):
            logger.info("task_skipped", task_id=attempt.task_id, attempt=attempt.number)
            return False
        self.running.add(key)
        return True

    async def succeed(self, attempt: Attempt, result: object) -> None:
        """Record a result, as `as_json` returns it."""
        await self._finish(attempt, Status.SUCCEEDED, result=result)

    async def fail(
        self, attempt: Attempt, error: BaseException, retry_at: datetime | None = None
    ) -> None:
        """Record an error, after which the task is run again, refused or dead."""
        text = error.detail if isinstance(error, AppError) else f"{type(error).__name__}: {error}"
        text = text.replace("\0", "")[:500]
        if is_refusal(error):
            await self._finish(attempt, Status.FAILED, error=text)
        elif retry_at is None:
            await self._finish(attempt, Status.DEAD, error=text)
        else:
            await self._release(attempt, text, retry_at)

    async def cancel(self, attempt: Attempt) -> None:
        """Record that an attempt was cancelled: the task is put back, or has failed."""
        if attempt.is_put_back():
            await self._release(attempt, None, datetime.now(UTC))
        else:
            await self._finish(attempt, Status.FAILED, error="Cancelled.")

    async def _release(self, attempt: Attempt, error: str | None, due_at: datetime) -> None:
        key = (attempt.task_id, attempt.number)
        self.running.discard(key)
        await self.records.release(*key, error, due_at)

    async def _finish(self, attempt: Attempt, status: Status, **values: Any) -> None:  # noqa: ANN401
        key = (attempt.task_id, attempt.number)
        self.running.discard(key)
        if not await self.records.finish(*key, status, **values):
            logger.warning("task_lost", task_id=attempt.task_id, attempt=attempt.number)

    def as_current(self, attempt: Attempt) -> AbstractContextManager[None]:
        """Make an attempt the current task of a block."""

        async def report(progress: float) -> None:
            with suppress(Unavailable):  # the task does not fail for it
                await self.records.report(attempt.task_id, attempt.number, progress)

        return _set_current(
            CurrentTask(
                state=self._state,
                task_id=attempt.task_id,
                owner_id=attempt.owner_id,
                attempt=attempt.number,
                report=report,
            )
        )


@contextmanager
def _set_current(task: CurrentTask) -> Generator[None]:
    token = current.set(task)
    try:
        yield
    finally:
        current.reset(token)


def as_json(result: object) -> object:
    """A result as it is stored."""
    return json.loads(ANYTHING.dump_json(result))
