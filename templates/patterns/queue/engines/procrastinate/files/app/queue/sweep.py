"""Finds jobs whose worker has ended, and tasks that nothing would run any more.

Every worker sweeps by itself: as a task of the queue, the sweep would wait behind others.
"""

from contextlib import suppress

from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from sqlalchemy import select, text

from app.core.logging import get_logger
from app.db.database import Database
from app.lifespan import State
from app.queue.engine import Reference
from app.queue.models import Status as TaskStatus
from app.queue.models import TaskRecord
from app.queue.runner import Runner

logger = get_logger(__name__)

CRASHED = "The worker ended while the task ran."
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
    async with state["database"].session() as session:
        if not await session.scalar(LOCK):
            return
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=lease):
            with suppress(ConnectorException):  # it has ended after all
                await _restart(state, runner, job)
        lost = (await session.execute(FIND_LOST)).scalars().all()
    for task_id in lost:
        await runner.records.bury(task_id, LOST)


async def _restart(state: State, runner: Runner, job: Job) -> None:
    manager = state["queue"].engine.app.job_manager
    task_id = Reference.of(job).id
    crashes = await _crashes(state["database"], task_id) if task_id else job.attempts
    logger.warning("job_restarted", task=job.task_name, task_id=task_id, crashes=crashes + 1)
    if crashes + 1 < state["settings"].queue_max_crashes:
        await runner.records.count_crash(task_id)
        await manager.retry_job(job)
    else:
        await runner.records.bury(task_id, CRASHED)
        await manager.finish_job(job, status=Status.FAILED, delete_job=False)


async def _crashes(database: Database, task_id: str) -> int:
    found = select(TaskRecord.crashes).filter_by(task_id=task_id)
    return await database.read_session().scalar(found) or 0


async def recover(state: State, runner: Runner) -> None:
    """Enqueue tasks again that waited in the memory of a process that has ended."""
    queue = state["queue"]
    reads = state["database"].read_session()
    running = select(TaskRecord.task_id).filter_by(status=TaskStatus.RUNNING)
    for task_id in (await reads.execute(running)).scalars().all():
        await runner.records.bury(task_id, CRASHED)
    async with state["database"].session() as session:
        waiting = select(TaskRecord).filter_by(status=TaskStatus.QUEUED).order_by(TaskRecord.id)
        for record in (await session.execute(waiting)).scalars().all():
            record.attempts = 0
            record.job_id = await queue.engine.send(session, record)


async def clean(state: State, runner: Runner) -> None:
    """Delete what has finished long ago."""
    hours = state["settings"].queue_retention_hours
    await runner.records.delete_old(hours)
    await state["queue"].engine.app.job_manager.delete_old_jobs(
        hours, include_failed=True, include_cancelled=True, include_aborted=True
    )
