"""The jobs of procrastinate, and workers that were frozen for a while.

Each restart counts an attempt: a worker whose lease has expired changes nothing of the next one.
Nor does it repeat the ticks that others enqueued meanwhile.
"""

from datetime import datetime

from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

FINISH = """
SELECT procrastinate_finish_job_v1(id, %(status)s, %(delete_job)s) FROM (
  SELECT id FROM procrastinate_jobs
  WHERE id = %(job_id)s AND attempts = %(attempts)s AND status = 'doing' FOR UPDATE
) AS held
"""
RETRY = """
SELECT procrastinate_retry_job_v2(
  id, %(retry_at)s, %(priority)s, %(queue)s, %(lock)s
) FROM (
  SELECT id FROM procrastinate_jobs
  WHERE id = %(job_id)s AND attempts = %(attempts)s AND status = 'doing' FOR UPDATE
) AS held
"""

# procrastinate forgets a tick when a later one is enqueued.
ENQUEUE_TICK = """
SELECT CASE WHEN NOT EXISTS (
  SELECT FROM procrastinate_periodic_defers
  WHERE task_name = %(task_name)s AND periodic_id = %(periodic_id)s
    AND defer_timestamp >= %(defer_timestamp)s
) THEN procrastinate_defer_periodic_job_v2(
  %(queue)s, %(lock)s, %(queueing_lock)s, %(task_name)s, %(priority)s,
  %(periodic_id)s, %(defer_timestamp)s, %(args)s
) END AS id
"""


class HeldJobs(JobManager):
    """The jobs in PostgreSQL. One that has been restarted meanwhile is left alone."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        await self.connector.execute_query_async(
            FINISH,
            job_id=job.id,
            attempts=job.attempts,
            status=status.value,
            delete_job=delete_job,
        )

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        await self.connector.execute_query_async(
            RETRY,
            job_id=job.id,
            attempts=job.attempts,
            retry_at=retry_at,
            priority=priority,
            queue=queue,
            lock=lock,
        )

    async def defer_periodic_job(
        self, job: Job, periodic_id: str, defer_timestamp: int
    ) -> int | None:
        try:
            found = await self.connector.execute_query_one_async(
                ENQUEUE_TICK,
                task_name=job.task_name,
                periodic_id=periodic_id,
                defer_timestamp=defer_timestamp,
                queue=job.queue,
                lock=job.lock,
                queueing_lock=job.queueing_lock,
                priority=job.priority,
                args=job.task_kwargs,
            )
        except UniqueViolation as error:
            self._raise_already_enqueued(exc=error, queueing_lock=job.queueing_lock)
        number: int | None = found["id"]
        return number
