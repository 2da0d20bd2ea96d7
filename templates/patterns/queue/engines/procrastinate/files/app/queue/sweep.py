"""Finds jobs whose worker has ended, and tasks that nothing would run any more.

Every worker sweeps by itself: as a task of the queue, the sweep would wait behind others.
"""

from contextlib import suppress

from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from sqlalchemy import select, text

from app.core.logging import get_logger
from app.db.sessions import Session
from app.lifespan import State
from app.queue.engine import Reference
from app.queue.models import UNFINISHED, TaskRecord
from app.queue.models import Status as TaskStatus
from app.queue.runner import Runner

logger = get_logger(__name__)

LOST = "The job has ended without the task, for example because no worker knows the task."
LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('sweep of tasks'))")
"""One worker sweeps at a time: a job that was restarted must not be restarted once more."""

FIND_LOST = text("""
SELECT tasks.task_id FROM tasks LEFT JOIN procrastinate_jobs AS job
  ON job.id = CAST(tasks.job_id AS bigint)
WHERE tasks.status IN ('queued', 'running')
  AND (job.id IS NULL OR job.status NOT IN ('todo', 'doing'))
""")


async def sweep(state: State, runner: Runner) -> None:
    """Restart the jobs of workers whose lease has expired."""
    manager = state["queue"].engine.app.job_manager
    lease = state["settings"].queue_lease_seconds
    restarted: list[str] = []
    async with state["database"].session() as session:
        if not await session.scalar(LOCK):
            return
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=lease):
            restarted.append(Reference.of(job).id)
            with suppress(ConnectorException):  # it has ended after all
                await _restart(state, session, job)
        lost = (await session.execute(FIND_LOST)).scalars().all()
    for task_id in filter(None, restarted):
        await state["queue"].announce(task_id)
    for task_id in lost:
        await runner.records.bury(task_id, LOST)


async def _restart(state: State, session: Session, job: Job) -> None:
    manager, most = state["queue"].engine.app.job_manager, state["settings"].queue_max_crashes
    found = select(TaskRecord).filter_by(task_id=Reference.of(job).id)
    record = await session.scalar(found.with_for_update())
    if record is not None and record.status is TaskStatus.RUNNING:
        record.crash(most)
    crashes = job.attempts + 1 if record is None else record.crashes
    logger.warning("job_restarted", task=job.task_name, job=job.id, crashes=crashes)
    if crashes < most:
        await manager.retry_job(job)
    else:
        await manager.finish_job(job, status=Status.FAILED, delete_job=False)


async def recover(state: State) -> None:
    """Enqueue tasks again that were in the memory of a process that has ended."""
    async with state["database"].session() as session:
        unfinished = select(TaskRecord).where(TaskRecord.status.in_(UNFINISHED))
        for record in (await session.execute(unfinished.order_by(TaskRecord.id))).scalars().all():
            if record.status is TaskStatus.RUNNING:
                record.crash(state["settings"].queue_max_crashes)
            if record.status is TaskStatus.QUEUED:
                record.attempts = 0
                record.job_id = await state["queue"].engine.send(session, record)


async def clean(state: State, runner: Runner) -> None:
    """Delete what has finished long ago."""
    hours = state["settings"].queue_retention_hours
    await runner.records.delete_old(hours)
    await state["queue"].engine.app.job_manager.delete_old_jobs(
        hours, include_failed=True, include_cancelled=True, include_aborted=True
    )
