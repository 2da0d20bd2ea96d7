"""Runs the jobs of procrastinate, and its schedules."""

import asyncio
from asyncio import Event
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from procrastinate import JobContext
from procrastinate.app import WorkerOptions
from procrastinate.exceptions import JobAborted
from procrastinate.job_context import AbortReason
from procrastinate.worker import Worker
from sqlalchemy import text

from app.core.logging import get_logger
from app.lifespan import State
from app.queue.connectors import can_listen
from app.queue.engine import RECORD, Engine, reference_of
from app.queue.runner import Attempt, Runner
from app.queue.sweep import HEARTBEATS, keep_sweeping, recover

logger = get_logger(__name__)

PAUSE = 1.0
"""Seconds before an interrupted worker is started again."""
SECONDS_TO_STOP = 5.0
"""For a worker, besides the grace of its tasks."""
HEARTBEAT = text("SELECT procrastinate_update_heartbeat_v1(CAST(:worker AS bigint))")
PRUNE_AFTER = 3600.0
"""Seconds after which the row of a worker is deleted. The sweep has taken its jobs before."""


async def run_engine(
    state: State, stopping: Event, *, grace: float, queues: Sequence[str] = ()
) -> None:
    """Run jobs until `stopping` is set. Jobs that run then are put back after `grace` seconds."""
    engine, runner = state["queue"].engine, Runner(state)
    options = worker_options(state, runner, grace=grace, queues=queues)
    if engine.in_memory:
        await recover(state)
    stopped = asyncio.create_task(stopping.wait())
    sweeping = asyncio.create_task(keep_sweeping(state, runner))
    while not stopping.is_set():
        worker = Worker(engine.app, **options)
        working = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        beating = asyncio.create_task(keep_heartbeat(state, worker))
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        worker.stop()  # type: ignore[no-untyped-call]
        # Cancelled only if it does not end: Python 3.11 can lose a cancellation in `wait_for`.
        while (await asyncio.wait({working}, timeout=grace + SECONDS_TO_STOP))[1]:
            working.cancel()
        beating.cancel()
        if not stopping.is_set():  # PostgreSQL does not answer, for example
            error = None if working.cancelled() else working.exception()
            logger.warning("worker_interrupted", error=repr(error))
            await asyncio.wait({stopped}, timeout=PAUSE)
    stopped.cancel()
    sweeping.cancel()
    await asyncio.wait({stopped, sweeping})


async def keep_heartbeat(state: State, worker: Worker) -> None:
    """Keep the jobs of a worker also while it stops, and after an outage.

    procrastinate's own heartbeat ends when a stop begins, and its pool pauses longer with each
    attempt to connect.
    """
    while not state["queue"].engine.in_memory:
        await asyncio.sleep(worker.update_heartbeat_interval)
        with suppress(Exception):  # the next one may succeed
            async with state["database"].session() as session:
                await session.execute(HEARTBEAT, {"worker": worker.worker_id})


def worker_options(
    state: State, runner: Runner, *, grace: float, queues: Sequence[str]
) -> WorkerOptions:
    settings, engine = state["settings"], state["queue"].engine
    lease = settings.queue_lease_seconds

    options: WorkerOptions = {
        "concurrency": settings.queue_concurrency,
        "worker_middleware": [partial(run_recorded, engine, runner)],
        "fetch_job_polling_interval": settings.queue_poll_seconds,
        "listen_notify": can_listen(settings),
        # The record has the outcome; in memory, a job that failed is of no use either.
        "delete_jobs": "always" if engine.in_memory else "successful",
        "update_heartbeat_interval": lease / HEARTBEATS,
        "stalled_worker_timeout": max(PRUNE_AFTER, lease),
        "shutdown_graceful_timeout": grace,
        "install_signal_handlers": False,
    }
    if queues:
        options["queues"] = queues
    return options


async def run_recorded(
    engine: Engine,
    runner: Runner,
    call_next: Callable[[], Awaitable[Any]],
    context: JobContext,
    _worker: Worker,
) -> object:
    """Run a job, and record the outcome."""
    job = context.job
    stored = dict(job.task_kwargs)
    attempt = Attempt(
        **{**reference_of(job), "number": job.attempts + 1},
        name=job.task_name,
        retry_at=lambda error: _retry_at(context, error),
    )

    async def call() -> object:
        """With the arguments as the task declares them."""
        if job.task_kwargs.pop(RECORD, None) is not None:
            job.task_kwargs.update(engine.types[job.task_name].converted(job.task_kwargs))
        return await call_next()

    try:
        return await runner.run(attempt, call)
    except asyncio.CancelledError:
        if context.abort_reason() is AbortReason.USER_REQUEST:
            raise JobAborted from None
        raise
    finally:
        # The worker, and the job in memory, keep what was stored.
        job.task_kwargs.clear()
        job.task_kwargs.update(stored)


def _retry_at(context: JobContext, error: Exception) -> datetime | None:
    if (retry := context.task.get_retry_exception(error, context.job)) is None:
        return None
    return retry.retry_decision.retry_at or datetime.now(UTC)
