"""Runs one attempt of a task, and records how it ended."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
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
    owner_id: int | None
    number: int
    will_retry: Callable[[Exception], bool]
    """Whether the engine will run the task again after this error."""
    is_put_back: Callable[[], bool]
    """Whether the engine will run the task again after a cancellation."""


class Runner:
    """Keeps the records of tasks that a process runs."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.records = Records(state["database"], state["queue"], state["settings"])

    async def run(self, attempt: Attempt, call: Callable[[], Awaitable[Any]]) -> object:
        """Call a task; its error, if there is one, is recorded and raised again."""
        if not attempt.task_id:
            with self._as_current(attempt):
                return await call()
        if not await self.records.start(attempt.task_id, attempt.number):
            logger.info("task_skipped", task_id=attempt.task_id, attempt=attempt.number)
            return None
        try:
            with self._as_current(attempt):
                result = json.loads(ANYTHING.dump_json(await call()))
        except asyncio.CancelledError:
            if attempt.is_put_back():
                await self.records.release(attempt.task_id, attempt.number)
            else:
                await self._finish(attempt, Status.FAILED, error="Cancelled.")
            raise
        except Exception as error:
            await self._record_error(attempt, error)
            raise
        await self._finish(attempt, Status.SUCCEEDED, result=result)
        return result

    async def _record_error(self, attempt: Attempt, error: Exception) -> None:
        text = error.detail if isinstance(error, AppError) else f"{type(error).__name__}: {error}"
        text = text.replace("\0", "")[:500]
        if is_refusal(error):
            await self._finish(attempt, Status.FAILED, error=text)
        elif attempt.will_retry(error):
            await self.records.release(attempt.task_id, attempt.number, text)
        else:
            await self._finish(attempt, Status.DEAD, error=text)

    async def _finish(self, attempt: Attempt, status: Status, **values: Any) -> None:  # noqa: ANN401
        if not await self.records.finish(attempt.task_id, attempt.number, status, **values):
            logger.warning("task_lost", task_id=attempt.task_id, attempt=attempt.number)

    def _as_current(self, attempt: Attempt) -> "_Current":
        async def report(progress: float) -> None:
            with suppress(Unavailable):  # the task does not fail for it
                await self.records.report(attempt.task_id, attempt.number, progress)

        return _Current(
            CurrentTask(
                state=self._state,
                task_id=attempt.task_id,
                owner_id=attempt.owner_id,
                attempt=attempt.number,
                report=report,
            )
        )


class _Current:
    """Sets the current task for a block."""

    def __init__(self, task: CurrentTask) -> None:
        self._task = task

    def __enter__(self) -> None:
        self._token = current.set(self._task)

    def __exit__(self, *_: object) -> None:
        current.reset(self._token)
