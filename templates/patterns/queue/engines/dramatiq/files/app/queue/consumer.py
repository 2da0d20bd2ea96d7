"""Runs tasks: messages come to threads of dramatiq, tasks run in the loop of the application."""

import asyncio
from asyncio import Event
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from copy import copy
from functools import partial
from math import isinf
from typing import Any

import dramatiq
from dramatiq.middleware import CurrentMessage, Middleware

from app.core.logging import get_logger
from app.queue.broker import RECORD, function_of
from app.queue.encoder import CheckingEncoder
from app.queue.models import TaskRecord
from app.queue.options import AnyActor, option, retry_at
from app.queue.runner import Attempt
from app.queue.thread_runner import NotStarted, ThreadRunner

logger = get_logger(__name__)

IDLE_SECONDS = 0.2
"""Longest wait of dramatiq's threads before they look for messages, or for the stop."""
SECONDS_TO_END = 5.0
"""For tasks that were cancelled after the grace."""


class Consumer(ThreadRunner):
    """Runs tasks in this process, as many at a time as the settings say."""

    async def consume(self, stopping: Event, *, grace: float, queues: Sequence[str] = ()) -> None:
        """Run tasks from the broker until `stopping` is set; then running ones get the grace."""
        broker = self.engine.broker
        for name, actor in broker.actors.items():
            broker.dramatiq.actors[name] = called = copy(actor)
            called.fn = partial(self._receive, actor)
        broker.dramatiq.add_middleware(_PutBack(self))
        worker = dramatiq.Worker(
            broker.dramatiq,
            queues={*queues} or None,
            worker_threads=self.concurrency,
            worker_timeout=round(IDLE_SECONDS * 1000),
        )
        dramatiq.set_encoder(CheckingEncoder(worker.consumers))
        # A worker that is busy leaves messages to others.
        worker.queue_prefetch = self.concurrency
        worker.start()
        await stopping.wait()
        timeout = round((grace + SECONDS_TO_END) * 1000)
        ending = asyncio.create_task(asyncio.to_thread(worker.stop, timeout))
        if (await asyncio.wait({ending}, timeout=grace))[1]:
            self.cancel()
        await ending

    async def run_record(self, record: TaskRecord) -> None:
        """Run a task that did not come from the broker."""
        actor = self.engine.broker.actors[record.name]
        with suppress(NotStarted):
            await self._run(actor, record.reference, (), record.args)

    def _receive(self, actor: AnyActor, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Run the task of the current message; it is for the threads of dramatiq."""
        message = CurrentMessage.get_current_message()
        reference = None if message is None else message.options.get(RECORD)
        try:
            self.wait(self._run(actor, reference, args, kwargs))
        except CancelledError:
            if reference is None:  # dramatiq runs it again
                raise
        except NotStarted:
            if message is not None:
                self.engine.broker.dramatiq.enqueue(message.copy())

    async def _run(
        self,
        actor: AnyActor,
        reference: Mapping[str, Any] | None,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> None:
        """Run a task. dramatiq hears of an error, and retries, if there is no record of it."""
        record = reference or {}
        retries = record.get("number", 1) - 1
        attempt = Attempt(
            **record,
            name=actor.actor_name,
            retry_at=lambda error: retry_at(actor, retries, error),
        )
        limit = option(actor, "time_limit")
        seconds = None if isinf(limit) else limit / 1000
        try:
            await self.run_function(attempt, function_of(actor), args, kwargs, seconds=seconds)
        except NotStarted:
            raise
        except Exception:
            if reference is None:
                raise
            logger.exception("task_failed", task=actor.actor_name, task_id=attempt.task_id)


class _PutBack(Middleware):
    """Lets a worker of another version run a task that this one does not have."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def after_nack(self, _broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        if (record := message.options.get(RECORD)) is not None:
            outbox = self._consumer.engine.outbox
            self._consumer.wait(outbox.postpone(record["task_id"]))
