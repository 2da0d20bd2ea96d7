"""What runs the tasks of a process: worker, scheduler, and the relay of the outbox."""

import asyncio
from asyncio import Event
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing, suppress

from app.core.errors import AppError
from app.core.logging import get_logger
from app.core.queue.record import TaskRecord
from app.core.queue.scheduler import Scheduler
from app.core.queue.taskiq import Run, Runner
from app.core.queue.waiting import first_of
from app.core.queue.worker import Worker
from app.lifespan import State
from app.services.outbox import relay

logger = get_logger(__name__)

PARTS = ("worker", "scheduler")
FOR_TASKS = 1 / 4
"""How much of the grace is theirs in the process of the service: requests come first."""


async def run_parts(
    state: State,
    stopping: Event,
    *,
    grace: float,
    parts: Sequence[str] = PARTS,
    queues: Sequence[str] = (),
) -> None:
    """Run these parts, and the relay, until `stopping` is set.

    What they do then is finished, or put back, within `grace` seconds.
    """
    settings, queue = state["settings"], state["queue"]
    with closing(Runner(queue.tasks, settings.threads)) as runner:

        async def call(record: TaskRecord) -> object:
            async def report(progress: float) -> None:
                with suppress(AppError):  # it is a note: the task does not fail for it
                    await queue.store.report(record, progress)
                    await queue.announce(record.task_id)

            return await runner(Run(record, state, report))

        worker, scheduler = Worker(queue, call, settings, queues), Scheduler(queue)
        async with asyncio.TaskGroup() as group:
            if "worker" in parts:
                group.create_task(worker.run(stopping, grace))
            if "scheduler" in parts:
                group.create_task(scheduler.run(stopping))
            group.create_task(_relay_all(state, stopping))


@asynccontextmanager
async def run_beside(state: State) -> AsyncGenerator[None]:
    """Run beside the requests what has no process of its own; in any case the relay."""
    stopping = Event()
    parts = PARTS if state["queue"].in_process else ()
    grace = state["settings"].shutdown_grace_seconds * FOR_TASKS
    running = asyncio.create_task(run_parts(state, stopping, grace=grace, parts=parts))
    running.add_done_callback(_tell)
    try:
        yield
    finally:
        stopping.set()
        await running


def _tell(running: asyncio.Task[None]) -> None:
    if not running.cancelled() and (error := running.exception()) is not None:
        logger.critical("tasks_do_not_run", exc_info=error)


async def _relay_all(state: State, stopping: Event) -> None:
    queue = state["queue"]
    while not stopping.is_set():
        seconds = state["settings"].queue_relay_seconds
        await first_of(queue.news.wait(), stopping.wait(), seconds=seconds)
        queue.news.clear()
        try:
            while await relay(state["database"], queue):
                pass
        except AppError as error:  # its next turn comes
            logger.warning("relay_failed", error=error.detail)
