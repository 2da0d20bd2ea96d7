"""Runs Celery's tasks in threads, and their coroutines in the event loop of the process."""

import asyncio
from asyncio import AbstractEventLoop, Task
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.exceptions import Ignore, Retry

from app.queue.arguments import TaskType
from app.queue.recorded_task import PutBack, RecordedTask, reference_of
from app.queue.runner import Attempt, Runner, as_json


class TaskProcess:
    """A process that runs tasks in threads; their coroutines run in its event loop."""

    def __init__(self, runner: Runner, types: dict[str, TaskType], lease: timedelta) -> None:
        self.runner = runner
        self._types = types
        self._lease = lease
        self._loop: AbstractEventLoop = asyncio.get_running_loop()
        self._running: set[Task[Any]] = set()

    def wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401
        """The result of a coroutine, for a thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def wait_for_task(self, coroutine: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401
        """As `wait`, for the code of a task, which `cancel` cancels."""

        async def run() -> Any:  # noqa: ANN401
            self._running.add(running := asyncio.ensure_future(coroutine))
            running.add_done_callback(self._running.discard)
            return await running

        try:
            return self.wait(run())
        except CancelledError:
            raise PutBack from None

    def cancel(self) -> None:
        for task in [*self._running]:
            task.cancel()

    def run(self, task: RecordedTask, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401
        """Run an attempt in a thread, and record how it ended."""
        reference = reference_of(task.request)
        attempt = Attempt(**(reference or {"task_id": ""}), lease=self._lease)
        if reference is None:
            with self.runner.as_current(attempt):
                return task.run(*args, **kwargs)
        if not self.wait(self.runner.start(attempt)):
            raise Ignore
        try:
            with self.runner.as_current(attempt):
                result = as_json(task.run(**self._types[task.name].converted(kwargs)))
        except PutBack:
            self.wait(self.runner.cancel(attempt))
            raise
        except Retry as retry:
            when = retry.when if isinstance(retry.when, datetime) else datetime.now(UTC)
            self.wait(self.runner.fail(attempt, retry.exc or retry, when))
            raise
        except Exception as error:
            self.wait(self.runner.fail(attempt, error))
            raise
        self.wait(self.runner.succeed(attempt, result))
        return result
