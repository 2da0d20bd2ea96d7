"""The options of tasks: `@tasks.task(retry=Backoff(...), task_middleware=[time_limit(30)])`."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from app.queue.models import Status

CallNext = Callable[[], Awaitable[object]]


class Backoff(BaseRetryStrategy):
    """Pauses that double up to `longest`, and are cut by up to a half at random."""

    def __init__(self, retries: int = 3, seconds: float = 1, longest: float = 300) -> None:
        self.retries = retries
        self.seconds = seconds
        self.longest = longest

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts >= self.retries:
            return None
        pause = min(self.seconds * 2.0 ** min(job.attempts, 64), self.longest)
        return RetryDecision(retry_at=_after(pause * (0.5 + random.random() / 2)))  # noqa: S311


class Retries(BaseRetryStrategy):
    """The strategy of a task, except that a stopping worker puts its tasks back."""

    def __init__(self, own: BaseRetryStrategy | None) -> None:
        self._own = own

    @classmethod
    def of(cls, own: BaseRetryStrategy | None) -> "Retries":
        return own if isinstance(own, cls) else cls(own)

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=_after(0))
        if self._own is None or Status.after(exception) is Status.FAILED:
            return None
        return self._own.get_retry_decision(exception=exception, job=job)


def time_limit(seconds: float) -> Callable[[CallNext, JobContext, Worker], Awaitable[object]]:
    """Raise TimeoutError in an async task that takes longer."""

    async def limit(call_next: CallNext, _context: JobContext, _worker: Worker) -> object:
        async with asyncio.timeout(seconds):
            return await call_next()

    return limit


def _after(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
