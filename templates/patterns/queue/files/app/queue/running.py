"""Runs tasks in the process of the service, beside its requests."""

import asyncio
from asyncio import Event
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.core.logging import get_logger
from app.lifespan import State
from app.queue.engine_worker import run_engine
from app.queue.runner import Runner

logger = get_logger(__name__)

SHARE_OF_GRACE = 1 / 4
"""The part of the grace that tasks get in the process of the service: requests come first."""


@asynccontextmanager
async def run_beside(state: State) -> AsyncGenerator[None]:
    """Run tasks beside the requests, where no separate worker does."""
    if not state["queue"].engine.in_process:
        yield
        return
    stopping = Event()
    grace = state["settings"].shutdown_grace_seconds * SHARE_OF_GRACE
    running = asyncio.create_task(run_engine(state, Runner(state), stopping, grace=grace))
    running.add_done_callback(_log_failure)
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait({running})


def _log_failure(running: asyncio.Task[None]) -> None:
    if not running.cancelled() and (error := running.exception()) is not None:
        logger.critical("tasks_do_not_run", exc_info=error)
