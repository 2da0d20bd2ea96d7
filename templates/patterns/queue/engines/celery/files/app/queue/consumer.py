"""Celery's worker in threads of this process; tasks run in the loop of the application."""

import asyncio
import os
import socket
from asyncio import Event
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from functools import partial
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from celery.exceptions import Ignore, Reject
from celery.signals import task_unknown
from celery.worker import WorkController
from celery.worker import state as worker_state
from celery.worker.consumer import Consumer as CeleryConsumer

from app.core.logging import get_logger
from app.lifespan import State
from app.queue.broker import options
from app.queue.models import TaskRecord
from app.queue.recorded_task import RecordedTask, reference_of
from app.queue.runner import Attempt
from app.queue.thread_runner import NotStarted, ThreadRunner

logger = get_logger(__name__)

LONGEST_PAUSE = 5.0
"""Seconds before Celery's worker is started again, after an error."""


class CheckingConsumer(CeleryConsumer):
    """As Celery's, but starts no task while it stops, and survives messages of another form."""

    def create_task_handler(self, *args: Any) -> Callable[[Any], None]:  # noqa: ANN401
        receive = super().create_task_handler(*args)

        def receive_if_valid(message: Any) -> None:  # noqa: ANN401
            if worker_state.should_stop is not None:  # its loop sees that after messages only
                message.requeue()
                return
            try:
                receive(message)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                if not message.acknowledged:
                    self.on_invalid_task(None, message, error)

        return receive_if_valid


class Consumer(ThreadRunner):
    """Runs tasks of the project in this process."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        RecordedTask.process = self
        task_unknown.connect(self.put_back)

    async def run_record(self, record: TaskRecord) -> None:
        """Run an attempt in this process, without a broker."""
        task = self.engine.broker.tasks[record.name]
        limiter = CapacityLimiter(1)  # of its own: its thread waits for the task
        await run_sync(
            lambda: task.apply(kwargs=record.args, throw=False, **options(record)),
            limiter=limiter,
        )

    async def consume(self, stopping: Event, *, grace: float, queues: Sequence[str]) -> None:
        """Run tasks from the broker until `stopping` is set; those of all queues by default."""
        chosen = [*queues] or sorted(self.engine.broker.queues())
        stopped = asyncio.create_task(stopping.wait())
        while not stopping.is_set():
            worker_state.should_stop = None
            worker = asyncio.create_task(run_sync(self._work, chosen))
            await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
            worker_state.should_stop = 0  # type: ignore[assignment]  # an exit code
            while (await asyncio.wait({worker}, timeout=grace))[1]:
                self.cancel()
            if not stopping.is_set():
                logger.warning("worker_interrupted", error=repr(worker.exception()))
                await asyncio.wait({stopped}, timeout=LONGEST_PAUSE)
        stopped.cancel()

    def put_back(self, *, id: str, **_: object) -> None:  # noqa: A002  # Celery names it
        """Let a worker of another version run a task that this one does not have."""
        self.wait(self.engine.outbox.postpone(id))

    def run_task(self, task: RecordedTask, args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
        """Run an attempt, for the thread of Celery that has its message."""
        record = reference_of(task.request) or {}
        attempt = Attempt(**record, name=task.name, retry_at=task.retry_at)
        function = partial(task.function, task) if task.is_bound else task.function
        seconds = task.soft_time_limit or task.time_limit
        running = self.run_function(attempt, function, args, kwargs, seconds=seconds)
        try:
            return self.wait(running)
        except CancelledError:  # another worker runs it again
            raise Ignore from None
        except NotStarted:
            raise Reject(requeue=True) from None
        except Exception as error:
            task.run(error)  # for Celery it is a failure, or a retry
            raise

    def _work(self, queues: Sequence[str]) -> None:
        WorkController(
            app=self.engine.broker.app,
            hostname=f"worker-{os.getpid()}@{socket.gethostname()}",
            consumer_cls=CheckingConsumer,
            pool_cls="threads",
            concurrency=self.concurrency,
            queues=[*queues],
            without_gossip=True,
            without_mingle=True,
        ).start()
