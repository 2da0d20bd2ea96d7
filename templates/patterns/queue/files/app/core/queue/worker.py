"""Runs tasks: takes no more than it can, keeps their leases, and says what became of them."""

import asyncio
from asyncio import Event, Task
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from pydantic import TypeAdapter

from app.core.errors import AppError, Unavailable
from app.core.logging import get_logger
from app.core.queue.queue import Queue
from app.core.queue.record import Outcome, Status, TaskRecord
from app.core.queue.settings import QueueSettings
from app.core.queue.waiting import first_of

logger = get_logger(__name__)

LONGEST_ERROR = 500
TO_FINISH = 3 / 4
"""How much of the grace running tasks get; the rest is for putting back what they have not done."""

AS_JSON: TypeAdapter[Any] = TypeAdapter(Any)

Call = Callable[[TaskRecord], Awaitable[object]]
"""Runs the function of a task."""


class Worker:
    """One for a process; its limits are those of the settings."""

    def __init__(
        self, queue: Queue, call: Call, settings: QueueSettings, queues: Sequence[str] = ()
    ) -> None:
        self._queue = queue
        self._store = queue.store
        self._tasks = queue.tasks
        self._call = call
        self._settings = settings
        self._queues = queues or settings.queue_names
        self._running: dict[Task[None], TaskRecord] = {}
        self._is_free = Event()
        self._next_start = 0.0

    async def run(self, stopping: Event, grace: float) -> None:
        """Work until `stopping` is set; within `grace` seconds, finish what runs or put it back."""
        keeper = asyncio.create_task(self._keep_leases())
        try:
            while not stopping.is_set():
                await self._take_some(stopping)
        finally:
            await self._finish(grace)
            keeper.cancel()

    async def _take_some(self, stopping: Event) -> None:
        free = self._settings.queue_concurrency - len(self._running)
        if free <= 0:
            self._is_free.clear()
            await first_of(self._is_free.wait(), stopping.wait())
            return
        if self._settings.queue_rate_per_second:
            free = 1
            await first_of(stopping.wait(), seconds=max(0, self._next_start - monotonic()))
            if stopping.is_set():
                return
        try:
            taken = await self._store.take(self._queues, free)
        except Unavailable:  # the breaker has logged it
            await first_of(stopping.wait(), seconds=self._settings.queue_poll_seconds)
            return
        for record in taken:
            self._start(record)
        if not taken:
            await first_of(self._store.wait(self._settings.queue_poll_seconds), stopping.wait())

    def _start(self, record: TaskRecord) -> None:
        if rate := self._settings.queue_rate_per_second:
            self._next_start = max(monotonic(), self._next_start) + 1 / rate
        task = asyncio.create_task(self._work(record), name=record.task_id)
        self._running[task] = record
        task.add_done_callback(self._ended)

    def _ended(self, task: Task[None]) -> None:
        del self._running[task]
        self._is_free.set()

    async def _work(self, record: TaskRecord) -> None:
        outcome = await self._outcome(record)
        while True:
            try:
                is_ours = await self._store.end(record, outcome)
            except Unavailable:  # what is done is worth waiting for the server
                await asyncio.sleep(self._settings.queue_poll_seconds)
            else:
                break
        await self._queue.announce(record.task_id)
        logger.info(
            "task_ended",
            task=record.name,
            id=record.task_id,
            outcome=outcome.status if is_ours else "taken over",
            attempts=record.attempts,
            error=outcome.error,
        )

    async def _outcome(self, record: TaskRecord) -> Outcome:
        try:
            await self._queue.announce(record.task_id)
            result = AS_JSON.dump_python(await self._call(record), mode="json")
        except asyncio.CancelledError:
            return Outcome(what="put back")
        except AppError as error:
            if error.status < 500:
                return Outcome(what="finish", status=Status.FAILED, error=error.detail)
            return self._next_attempt(record, error.detail)
        except Exception as error:
            logger.exception("task_failed", task=record.name, id=record.task_id)
            return self._next_attempt(record, f"{type(error).__name__}: {error}")
        return Outcome(what="finish", status=Status.SUCCEEDED, result=result)

    def _next_attempt(self, record: TaskRecord, error: str) -> Outcome:
        failures, error = record.failures + 1, error[:LONGEST_ERROR]
        # A task that is not known here may be known to a worker of the next version.
        task = self._tasks.get(record.name)
        if failures > (task.retries if task else self._settings.queue_max_crashes):
            return Outcome(what="bury", status=Status.DEAD, error=error)
        pause = task.pause(failures) if task else self._settings.queue_lease_seconds
        return Outcome(what="retry", error=error, seconds=pause)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._settings.queue_lease_seconds / 3)
            if self._running:
                with suppress(Unavailable):
                    lost = await self._store.extend([*self._running.values()])
                    for task, record in self._running.items():
                        if record.task_id in lost:
                            task.cancel()

    async def _finish(self, grace: float) -> None:
        if self._running:
            logger.info("finishing_tasks", tasks=len(self._running), seconds=grace)
            await asyncio.wait(self._running, timeout=grace * TO_FINISH)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=grace * (1 - TO_FINISH))
