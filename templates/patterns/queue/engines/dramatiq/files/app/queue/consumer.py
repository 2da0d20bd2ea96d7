"""Runs tasks: messages come to threads of dramatiq, tasks run in the loop of the application."""

import asyncio
import inspect
from asyncio import Event, Task
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from functools import partial
from math import isinf
from typing import Any

import dramatiq
from anyio.to_thread import run_sync
from dramatiq.middleware import CurrentMessage

from app.core.logging import get_logger
from app.lifespan import State
from app.queue.broker import function_of, options_of
from app.queue.options import AnyActor, option, retry_at
from app.queue.outbox import Message
from app.queue.runner import Attempt, Runner

logger = get_logger(__name__)

IDLE_SECONDS = 0.2
"""Longest wait of dramatiq's threads before they look for messages, or for the stop."""
SECONDS_TO_END = 5.0
"""For tasks that were cancelled after the grace."""


class Consumer:
    """Runs tasks in this process, as many at a time as the settings say."""

    def __init__(self, state: State, runner: Runner) -> None:
        self._state = state
        self._runner = runner
        self._engine = state["queue"].engine
        self._loop = asyncio.get_running_loop()
        self._running: set[Task[Any]] = set()

    async def consume(self, stopping: Event, *, grace: float, queues: Sequence[str] = ()) -> None:
        """Run tasks from the broker until `stopping` is set; then running ones get the grace."""
        broker, settings = self._engine.broker, self._state["settings"]
        for name, actor in broker.actors.items():
            broker.dramatiq.actors[name] = _Called(actor, self)
        worker = dramatiq.Worker(
            broker.dramatiq,
            queues={*queues} or None,
            worker_threads=settings.queue_concurrency,
            worker_timeout=round(IDLE_SECONDS * 1000),
        )
        # A worker that is busy leaves messages to others.
        worker.queue_prefetch = settings.queue_concurrency
        worker.start()
        await stopping.wait()
        timeout = round((grace + SECONDS_TO_END) * 1000)
        ending = asyncio.create_task(asyncio.to_thread(worker.stop, timeout))
        if (await asyncio.wait({ending}, timeout=grace))[1]:
            self.cancel()
        await ending

    async def run(self, message: Message) -> None:
        """Run a task that did not come from the broker."""
        actor = self._engine.broker.actors[message.name]
        try:
            await self._run(actor, options_of(message), (), message.args)
        except Exception:
            logger.exception("task_failed", task=message.name, task_id=message.task_id)

    def cancel(self) -> None:
        """Cancel the tasks that run; they are put back."""
        for task in self._running:
            task.cancel()

    def call(self, actor: AnyActor, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Run the task of the current message; it is for the threads of dramatiq."""
        message = CurrentMessage.get_current_message()
        options = {} if message is None else message.options
        running = self._run(actor, options, args, kwargs)
        try:
            asyncio.run_coroutine_threadsafe(running, self._loop).result()
        except CancelledError:
            if "task_id" not in options:  # dramatiq runs it again
                raise

    async def _run(
        self,
        actor: AnyActor,
        options: Mapping[str, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        number = options.get("attempt", 1)
        attempt = Attempt(
            task_id=options.get("task_id", ""),
            name=actor.actor_name,
            owner_id=options.get("owner_id"),
            traceparent=options.get("traceparent"),
            number=number,
            lease=self._engine.outbox.lease,
            retry_at=lambda error: retry_at(actor, number - 1, error),
        )
        if attempt.task_id:
            kwargs = self._engine.types[actor.actor_name].converted(kwargs)
        function, limit = function_of(actor), option(actor, "time_limit")

        async def call() -> object:
            async with asyncio.timeout(None if isinf(limit) else limit / 1000):
                if inspect.iscoroutinefunction(function):
                    return await function(*args, **kwargs)
                return await run_sync(partial(function, *args, **kwargs))

        task = asyncio.ensure_future(self._runner.run(attempt, call))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await task


class _Called(dramatiq.Actor[..., Any]):
    """A task as the threads of dramatiq call it."""

    def __init__(self, actor: AnyActor, consumer: Consumer) -> None:
        vars(self).update(vars(actor))
        self._actor = actor
        self._consumer = consumer

    def __call__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        self._consumer.call(self._actor, args, kwargs)
