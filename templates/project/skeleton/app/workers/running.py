"""What runs the tasks of a process: worker, scheduler, and the relay of the outbox."""

import asyncio
from asyncio import Event
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing, suppress

from app.core.errors import AppError
from app.core.lifespan import State
from app.core.logging import get_logger
from app.core.queue.record import TaskRecord
from app.core.queue.scheduler import Scheduler
from app.core.queue.taskiq import Run, Runner
from app.core.queue.worker import PATIENCE, Worker
from app.services.outbox import relay

logger = get_logger(__name__)

PARTS = ("worker", "scheduler")


async def run_parts(
    state: State, stopping: Event, parts: Sequence[str] = PARTS, queues: Sequence[str] = ()
) -> None:
    """Run these parts, and the relay, until `stopping` is set and what they do is finished."""
    settings, queue = state["settings"], state["queue"]
    with closing(Runner(queue.tasks, settings.threads)) as runner:

        async def call(record: TaskRecord) -> object:
            async def report(progress: float) -> None:
                with suppress(AppError):  # it is a note: the task does not fail for it
                    await queue.store.report(record, progress)

            return await runner(Run(record, state, report))

        worker = Worker(queue, call, settings, queues)
        async with asyncio.TaskGroup() as group:
            if "worker" in parts:
                grace = max(0, settings.shutdown_grace_seconds - PATIENCE)
                group.create_task(worker.run(stopping, grace))
            if "scheduler" in parts:
                group.create_task(Scheduler(queue).run(stopping))
            group.create_task(_relay_all(state, stopping))


@asynccontextmanager
async def run_beside(state: State) -> AsyncGenerator[None]:
    """Run beside the requests what has no process of its own; in any case the relay."""
    stopping = Event()
    parts = PARTS if state["queue"].in_process else ()
    running = asyncio.create_task(run_parts(state, stopping, parts))
    try:
        yield
    finally:
        stopping.set()
        state["queue"].news.set()
        await running


async def _relay_all(state: State, stopping: Event) -> None:
    queue = state["queue"]
    while not stopping.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(state["settings"].queue_relay_seconds):
                await queue.news.wait()
        queue.news.clear()
        try:
            while await relay(state["storage"], queue):
                pass
        except AppError as error:  # its next turn comes
            logger.warning("relay_failed", error=error.detail)
