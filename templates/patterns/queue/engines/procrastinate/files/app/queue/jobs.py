"""The jobs of procrastinate as their workers end them.

Each restart counts an attempt: a worker whose lease has expired changes nothing of the next one.
"""

from datetime import datetime

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
