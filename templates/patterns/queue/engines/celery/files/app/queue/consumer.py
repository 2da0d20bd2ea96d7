"""Celery's worker and scheduler, in threads of this process."""

import asyncio
import os
import socket
from asyncio import Event
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from anyio.to_thread import run_sync
from celery.signals import task_unknown
from celery.worker import WorkController
from celery.worker import state as worker_state

from app.core.logging import get_logger
from app.lifespan import State
from app.queue.broker import QUEUE, options
from app.queue.outbox import Message
from app.queue.process import TaskProcess
from app.queue.recorded_task import set_process
from app.queue.runner import Runner
from app.queue.schedules import Schedules

logger = get_logger(__name__)

LONGEST_PAUSE = 5.0
"""Seconds before Celery's worker is started again, after an error."""


class Consumer:
    """Runs tasks of the project."""

    def __init__(self, state: State, runner: Runner) -> None:
        self._state = state
        self._engine = state["queue"].engine
        self._broker = self._engine.broker
        self._process = TaskProcess(runner, self._engine.types, self._engine.outbox.lease)
        set_process(self._process)
        task_unknown.connect(self.put_back)

    async def run(self, message: Message) -> None:
        """Run an attempt in this process, without a broker."""
        task = self._broker.tasks[message.name]
        await run_sync(lambda: task.apply(kwargs=message.args, throw=False, **options(message)))

    def put_back(self, *, id: str, **_: object) -> None:  # noqa: A002  # Celery names it
        """Let a worker of another version run a task that this one does not have."""
        self._process.wait(self._engine.outbox.postpone(id))

    def cancel(self) -> None:
        """Cancel the tasks that run; they are put back."""
        self._process.cancel()

    @asynccontextmanager
    async def schedules(self, stopping: Event) -> AsyncGenerator[None]:
        """Enqueue tasks on their schedules for the time of a block."""
        schedules = Schedules(self._state)
        running = asyncio.create_task(schedules.run(stopping))
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait({running})

    async def consume(self, stopping: Event, *, grace: float, queues: Sequence[str]) -> None:
        """Run tasks from the broker until `stopping` is set; those of all queues by default."""
        every = {getattr(task, "queue", None) or QUEUE for task in self._broker.tasks.values()}
        chosen = [*queues] or sorted(every | {QUEUE})
        stopped = asyncio.create_task(stopping.wait())
        async with self.schedules(stopping):
            while not stopping.is_set():
                worker = asyncio.create_task(run_sync(self._work, chosen))
                await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
                worker_state.should_stop = 0  # type: ignore[assignment]  # an exit code
                while (await asyncio.wait({worker}, timeout=grace))[1]:
                    self._process.cancel()
                if not stopping.is_set():
                    logger.warning("worker_interrupted", error=repr(worker.exception()))
                    await asyncio.wait({stopped}, timeout=LONGEST_PAUSE)
        stopped.cancel()

    def _work(self, queues: Sequence[str]) -> None:
        worker_state.should_stop = None
        WorkController(
            app=self._broker.app,
            hostname=f"worker-{os.getpid()}@{socket.gethostname()}",
            pool_cls="threads",
            concurrency=self._state["settings"].queue_concurrency,
            queues=[*queues],
            without_gossip=True,
            without_mingle=True,
        ).start()
