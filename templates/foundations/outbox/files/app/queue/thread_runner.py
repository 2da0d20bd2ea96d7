"""Runs attempts that come from threads of an engine, in the loop of the application."""

import asyncio
from asyncio import Task
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from app.lifespan import State
from app.queue.runner import Attempt, Runner

T = TypeVar("T")


class NotStarted(Exception):
    """The worker stops before it could start an attempt: the broker delivers its message again."""


class ThreadRunner(Runner):
    """Runs the tasks of a process. Its engine has a thread for each, which waits."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.engine = state["queue"].engine
        self.lease = self.engine.outbox.lease
        self.concurrency = state["settings"].queue_concurrency
        self._loop = asyncio.get_running_loop()
        self._threads = CapacityLimiter(self.concurrency)
        self._running: dict[Task[object], Attempt] = {}
        self._is_cancelled = False

    @property
    def running(self) -> set[tuple[str, int]]:
        """The attempts that run now: the id of the task, and the number."""
        return {(attempt.task_id, attempt.number) for attempt in self._running.values()}

    async def start(self, attempt: Attempt) -> bool:
        if self._is_cancelled:  # a thread can get a message until it sees the stop
            raise NotStarted
        try:
            return await super().start(attempt)
        except asyncio.CancelledError:  # as when the database does not answer
            raise NotStarted from None

    async def run_function(
        self,
        attempt: Attempt,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        seconds: float | None,
    ) -> object:
        """Run a task: in a thread, or within the time limit if its function is async."""

        async def call() -> object:
            named = kwargs
            if attempt.task_id:  # otherwise they are as the caller passed them
                named = self.engine.types[attempt.name].converted(kwargs)
            if not iscoroutinefunction(function):
                return await run_sync(partial(function, *args, **named), limiter=self._threads)
            async with asyncio.timeout(seconds):
                return await function(*args, **named)

        running = asyncio.create_task(self.run(attempt, call))
        self._running[running] = attempt
        running.add_done_callback(self._running.pop)
        return await running

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, for a thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def cancel(self) -> None:
        """Cancel the tasks that run; they are put back, and no others start."""
        self._is_cancelled = True
        for running in self._running:
            running.cancel()
