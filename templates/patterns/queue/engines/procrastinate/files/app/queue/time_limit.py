"""A time limit for each attempt of a task: `@tasks.task(task_middleware=[time_limit(30)])`."""

import asyncio
from collections.abc import Awaitable, Callable

from procrastinate import JobContext
from procrastinate.worker import Worker

CallNext = Callable[[], Awaitable[object]]


def time_limit(seconds: float) -> Callable[[CallNext, JobContext, Worker], Awaitable[object]]:
    """Raise TimeoutError in an async task that takes longer."""

    async def limit(call_next: CallNext, _context: JobContext, _worker: Worker) -> object:
        async with asyncio.timeout(seconds):
            return await call_next()

    return limit
