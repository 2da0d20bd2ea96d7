"""Finds jobs whose worker has ended, and tasks that nothing would run any more.

Every worker sweeps by itself: as a task of the queue, the sweep would wait behind others.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from sqlalchemy import select, text

from app.core.errors import AppError
from app.core.logging import get_logger
from app.db.session import Session
from app.lifespan import State
from app.queue.engine import reference_of
from app.queue.models import MAX_CRASHES, TaskRecord
from app.queue.models import Status as TaskStatus
from app.queue.runner import Runner

logger = get_logger(__name__)

CLEAN_EVERY = 3600.0
"""Seconds."""
LOST = "The job has ended without the task, for example because no worker knows the task."
LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('sweep of tasks'))")
"""One worker sweeps at a time: a job that was restarted must not be restarted once more."""

FIND_LOST = text("""
SELECT tasks.id FROM tasks LEFT JOIN procrastinate_jobs AS job
  ON job.id = CAST(tasks.job_id AS bigint)
WHERE tasks.status IN ('queued', 'running')
  AND (job.id IS NULL OR job.status NOT IN ('todo', 'doing'))
""")


async def keep_sweeping(state: State, runner: Runner) -> None:
    """Sweep three times a lease, and delete old tasks every hour, until this is cancelled."""
    clock = asyncio.get_running_loop().time
    cleaned = clock()
    while True:
        try:
            if not state["queue"].engine.in_memory:
                await sweep(state)
            if clock() - cleaned > CLEAN_EVERY:
                cleaned = clock()
                await clean(state, runner)
        except (AppError, ConnectorException) as error:  # the next sweep may succeed
            logger.warning("sweep_failed", error=repr(error))
        await asyncio.sleep(state["settings"].queue_lease_seconds / 3)


async def sweep(state: State) -> None:
    """Restart the jobs of workers whose lease has expired; and tasks that have no job are dead.

    Tasks of another engine, which the project had before, get one.
    """
    engine = state["queue"].engine
    manager = engine.app.job_manager
    lease = state["settings"].queue_lease_seconds
    changed: list[str] = []
    async with state["database"].session() as session:
        if not await session.scalar(LOCK):
            return
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=lease):
            changed.append(reference_of(job)["task_id"])
            with suppress(ConnectorException):  # it has ended after all
                await _restart(state, session, job)
        ids = (await session.execute(FIND_LOST)).scalars().all()
        lost = select(TaskRecord).where(TaskRecord.id.in_(ids)).with_for_update()
        for record in (await session.execute(lost)).scalars().all() if ids else ():
            if record.finished_at is not None:
                continue
            changed.append(record.task_id)
            if record.job_id is None and record.name in engine.types:
                record.status, record.attempts = TaskStatus.QUEUED, 0
                await engine.send(session, record)
            else:
                record.status, record.error = TaskStatus.DEAD, LOST
                record.finished_at = datetime.now(UTC)
    for task_id in filter(None, changed):
        await state["queue"].announce(task_id)


async def _restart(state: State, session: Session, job: Job) -> None:
    manager = state["queue"].engine.app.job_manager
    found = select(TaskRecord).filter_by(task_id=reference_of(job)["task_id"])
    record = await session.scalar(found.with_for_update())
    if record is not None and record.status is TaskStatus.RUNNING:
        record.crash()
    crashes = job.attempts + 1 if record is None else record.crashes
    logger.warning("job_restarted", task=job.task_name, job=job.id, crashes=crashes)
    if crashes < MAX_CRASHES:
        await manager.retry_job(job)
    else:
        await manager.finish_job(job, status=Status.FAILED, delete_job=False)


async def recover(state: State) -> None:
    """Enqueue tasks again that were in the memory of a process that has ended."""
    unfinished = select(TaskRecord).where(TaskRecord.finished_at.is_(None)).order_by(TaskRecord.id)
    try:
        async with state["database"].session() as session:
            for record in (await session.execute(unfinished)).scalars().all():
                if record.status is TaskStatus.RUNNING:
                    record.crash()
                if record.status is TaskStatus.QUEUED:
                    record.attempts = 0
                    await state["queue"].engine.send(session, record)
    except AppError as error:
        logger.warning("tasks_not_recovered", error=repr(error))


async def clean(state: State, runner: Runner) -> None:
    """Delete what has finished long ago."""
    await runner.delete_old()
    await state["queue"].engine.app.job_manager.delete_old_jobs(
        state["settings"].queue_retention_hours,
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )
