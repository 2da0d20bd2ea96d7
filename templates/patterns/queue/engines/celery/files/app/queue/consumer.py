"""Celery's worker in threads of this process; the coroutines of tasks run in its event loop."""

import asyncio
import os
import socket
from asyncio import Event, Task
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError
from datetime import UTC, datetime
from typing import Any

from anyio.to_thread import run_sync
from celery.exceptions import Ignore, Retry
from celery.signals import task_unknown
from celery.worker import WorkController
from celery.worker import state as worker_state

from app.core.logging import get_logger
from app.lifespan import State
from app.queue.broker import options
from app.queue.outbox import Message
from app.queue.recorded_task import PutBack, RecordedTask, reference_of, set_process
from app.queue.runner import Attempt, Runner, as_json

logger = get_logger(__name__)

LONGEST_PAUSE = 5.0
"""Seconds before Celery's worker is started again, after an error."""


class Consumer:
    """Runs tasks of the project."""

    def __init__(self, state: State, runner: Runner) -> None:
        self.runner = runner
        self._engine = state["queue"].engine
        self._tasks = self._engine.broker.tasks
        self._concurrency = state["settings"].queue_concurrency
        self._loop = asyncio.get_running_loop()
        self._running: set[Task[Any]] = set()
        set_process(self)
        task_unknown.connect(self.put_back)

    async def run(self, message: Message) -> None:
        """Run an attempt in this process, without a broker."""
        task = self._tasks[message.name]
        await run_sync(lambda: task.apply(kwargs=message.args, throw=False, **options(message)))

    async def consume(self, stopping: Event, *, grace: float, queues: Sequence[str]) -> None:
        """Run tasks from the broker until `stopping` is set; those of all queues by default."""
        chosen = [*queues] or sorted(self._engine.broker.queues())
        stopped = asyncio.create_task(stopping.wait())
        while not stopping.is_set():
            worker = asyncio.create_task(run_sync(self._work, chosen))
            await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
            worker_state.should_stop = 0  # type: ignore[assignment]  # an exit code
            while (await asyncio.wait({worker}, timeout=grace))[1]:
                self.cancel()
            if not stopping.is_set():
                logger.warning("worker_interrupted", error=repr(worker.exception()))
                await asyncio.wait({stopped}, timeout=LONGEST_PAUSE)
        stopped.cancel()

    def cancel(self) -> None:
        """Cancel the tasks that run; they are put back."""
        for task in [*self._running]:
            task.cancel()

    def put_back(self, *, id: str, **_: object) -> None:  # noqa: A002  # Celery names it
        """Let a worker of another version run a task that this one does not have."""
        self.wait(self._engine.outbox.postpone(id))

    def run_task(self, task: RecordedTask, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401
        """Run an attempt in a thread, and record how it ended."""
        reference = reference_of(task.request)
        attempt = Attempt(
            **(reference or {"task_id": ""}), name=task.name, lease=self._engine.outbox.lease
        )
        if reference is None:
            with self.runner.as_current(attempt):
                return task.run(*args, **kwargs)
        if not self.wait(self.runner.start(attempt)):
            raise Ignore
        try:
            with self.runner.as_current(attempt):
                result = as_json(task.run(**self._engine.types[task.name].converted(kwargs)))
        except PutBack:
            self.wait(self.runner.put_back(attempt))
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

    def _work(self, queues: Sequence[str]) -> None:
        worker_state.should_stop = None
        WorkController(
            app=self._engine.broker.app,
            hostname=f"worker-{os.getpid()}@{socket.gethostname()}",
            pool_cls="threads",
            concurrency=self._concurrency,
            queues=[*queues],
            without_gossip=True,
            without_mingle=True,
        ).start()
