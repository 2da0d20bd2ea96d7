"""Finds jobs whose worker has ended, and tasks that nothing would run any more.

Every worker sweeps by itself: as a task of the queue, the sweep would wait behind others.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from sqlalchemy import Executable, select, text

from app.core.logging import get_logger
from app.db.session import Session
from app.lifespan import State
from app.queue.engine import reference_of
from app.queue.models import MAX_CRASHES, TaskRecord
from app.queue.models import Status as TaskStatus
from app.queue.runner import RETENTION_HOURS, Runner

logger = get_logger(__name__)

CLEAN_EVERY = 3600.0
"""Seconds."""
HEARTBEATS = 3
"""In the time of a lease."""
LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('sweep of tasks'))")
"""One worker sweeps at a time: a job that was restarted must not be restarted once more."""

ENDED = "The job has ended without the task, for example because no worker knows the task."
LOST = text("""
SELECT tasks.* FROM tasks LEFT JOIN procrastinate_jobs AS job
  ON job.id = CAST(tasks.job_id AS bigint)
WHERE tasks.status IN ('queued', 'running')
  AND (job.id IS NULL OR job.status NOT IN ('todo', 'doing'))
FOR UPDATE OF tasks SKIP LOCKED
""")
"""Tasks whose job has ended; and those of another engine, which the project had before."""


async def keep_sweeping(state: State, runner: Runner) -> None:
    """Sweep three times a lease, and delete old tasks every hour, until this is cancelled.

    After an outage of the database, workers get the time of a lease for a heartbeat first.
    """
    clock = asyncio.get_running_loop().time
    cleaned, answers = clock(), HEARTBEATS
    while True:
        before, answers = answers, 0
        try:
            await state["database"].probe()
            answers = before + 1
            if not state["queue"].engine.in_memory and answers > HEARTBEATS:
                await sweep(state)
            if clock() - cleaned > CLEAN_EVERY:
                cleaned = clock()
                await clean(state, runner)
        except Exception as error:  # noqa: BLE001  # the next sweep may succeed
            logger.warning("sweep_failed", error=repr(error))
        await asyncio.sleep(state["settings"].queue_lease_seconds / HEARTBEATS)


async def sweep(state: State) -> None:
    """Restart the jobs of workers whose lease has expired, and look for tasks that are lost."""
    manager = state["queue"].engine.app.job_manager
    lease = state["settings"].queue_lease_seconds
    changed: list[str] = []
    async with state["database"].session() as session:
        if not await session.scalar(LOCK):
            return
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=lease):
            changed.append(reference_of(job)["task_id"])
            with suppress(UniqueViolation):  # another job with its queueing lock waits
                await _restart(state, session, job)
        lost = select(TaskRecord).from_statement(LOST)
        changed.extend(await _recover(state, session, lost))
    for task_id in filter(None, changed):
        await state["queue"].announce(task_id)


async def _restart(state: State, session: Session, job: Job) -> None:
    manager = state["queue"].engine.app.job_manager
    found = select(TaskRecord).filter_by(task_id=reference_of(job)["task_id"])
    record = await session.scalar(found.with_for_update())
    number = job.attempts + 1
    if record is not None and (record.status, record.attempts) == (TaskStatus.RUNNING, number):
        record.crash()
    crashes = number if record is None else record.crashes
    logger.warning("job_restarted", task=job.task_name, job=job.id, crashes=crashes)
    if crashes < MAX_CRASHES:
        await manager.retry_job(job)
    else:
        await manager.finish_job(job, status=Status.FAILED, delete_job=False)


async def recover(state: State) -> None:
    """Enqueue tasks again that were in the memory of a process that has ended."""
    unfinished = select(TaskRecord).where(TaskRecord.finished_at.is_(None)).order_by(TaskRecord.id)
    async with state["database"].session() as session:
        await _recover(state, session, unfinished)


async def _recover(state: State, session: Session, which: Executable) -> Sequence[str]:
    """Enqueue tasks that never had a job here; the others are dead. Their ids are returned."""
    engine = state["queue"].engine
    found = (await session.execute(which)).scalars().all()
    for record in found:
        if record.job_id is not None or record.name not in engine.types:
            record.status, record.error = TaskStatus.DEAD, ENDED
            record.finished_at = datetime.now(UTC)
            continue
        if record.status is TaskStatus.RUNNING:
            record.crash()
        if record.status is TaskStatus.QUEUED:
            record.attempts = 0
            await engine.send(session, record)
    return [record.task_id for record in found]


async def clean(state: State, runner: Runner) -> None:
    """Delete what has finished long ago."""
    await runner.delete_old()
    await state["queue"].engine.app.job_manager.delete_old_jobs(
        RETENTION_HOURS,
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )
