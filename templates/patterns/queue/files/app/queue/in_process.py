"""Runs tasks in the process of the service, if there is no separate worker."""

import asyncio
from asyncio import Event
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from app.core.logging import get_logger
from app.lifespan import State
from app.queue.engine_worker import run_engine

logger = get_logger(__name__)

PAUSE = 1.0
"""Seconds before tasks are run again after an error."""
SHARE_OF_GRACE = 1 / 4
"""The part of the grace period that tasks get here; requests get the rest."""


@asynccontextmanager
async def run_in_process(state: State) -> AsyncGenerator[None]:
    """Run tasks while the service runs, with `QUEUE_IN_PROCESS` or without a server for tasks."""
    if not state["queue"].engine.in_process:
        yield
        return
    stopping = Event()
    grace = state["settings"].shutdown_grace_seconds * SHARE_OF_GRACE
    running = asyncio.create_task(_run(state, stopping, grace))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait({running})


async def _run(state: State, stopping: Event, grace: float) -> None:
    while not stopping.is_set():
        try:
            await run_engine(state, stopping, grace=grace)
        except Exception:  # the database did not answer, for example
            logger.exception("tasks_do_not_run")
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE):
                    await stopping.wait()
