"""Runs the function of a task with what it depends on: the only module that knows taskiq.

Where tasks wait and what becomes of them is said elsewhere, so another library takes its place by
giving the same names.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from taskiq import Context, InMemoryBroker, TaskiqDepends, TaskiqMessage
from taskiq.cli.scheduler.run import CronValueError, is_cron_task_now

from app.core.queue.record import TaskRecord
from app.core.queue.task import Tasks
from app.lifespan import State

TaskDepends = TaskiqDepends
"""For the parameters of tasks and of their dependencies: `Annotated[Session, TaskDepends(...)]`."""

_RUN = "run"


@dataclass(frozen=True, slots=True)
class Run:
    """One start of a task, as the task sees it."""

    task: TaskRecord
    state: State
    """What requests find in theirs: database, settings, the HTTP client ..."""
    report: Callable[[float], Awaitable[None]]
    """Tells how far it is, from 0 to 1."""


async def _get_run(context: Annotated[Context, TaskDepends()]) -> Run:
    run: Run = context.message.labels[_RUN]
    return run


RunDep = Annotated[Run, TaskDepends(_get_run)]


class Runner:
    """Calls the functions of tasks; one that is not `async` is called in a thread."""

    def __init__(self, tasks: Tasks, threads: int) -> None:
        self._tasks = tasks
        self._broker = InMemoryBroker(sync_tasks_pool_size=threads)
        for task in tasks.values():
            self._broker.register_task(task.function, task.name)
        logging.getLogger("taskiq").setLevel(logging.CRITICAL)  # the worker says it, once

    async def __call__(self, run: Run) -> object:
        """What the task returns; raises what it raises, or its dependencies do at their end."""
        task = self._tasks[run.task.name]
        takes_args = "args" in task.function.__annotations__
        message = TaskiqMessage(
            task_id=run.task.task_id,
            task_name=task.name,
            labels={"timeout": task.timeout, _RUN: run},
            args=[],
            kwargs={"args": task.arguments.model_validate(run.task.args)} if takes_args else {},
        )
        result = await self._broker.receiver.run_task(task.function, message)
        if result.error is not None:
            raise result.error
        return result.return_value

    def close(self) -> None:
        """Let go of the threads, without waiting for those that are busy."""
        self._broker.executor.shutdown(wait=False, cancel_futures=True)


def is_due(cron: str, moment: datetime) -> bool:
    """Whether a schedule has a tick in this minute.

    Raises:
        ValueError: it is none.
    """
    try:
        return is_cron_task_now(cron, moment)
    except CronValueError as error:
        raise ValueError(f"`{cron}` is not a schedule") from error
