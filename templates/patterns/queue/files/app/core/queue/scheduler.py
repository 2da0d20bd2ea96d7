"""Enqueues the tasks that run by the clock. Any number of schedulers give one run a tick."""

from asyncio import Event
from datetime import UTC, datetime, timedelta

from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.core.queue.queue import Queue
from app.core.queue.taskiq import is_due
from app.core.queue.waiting import first_of

logger = get_logger(__name__)

LONGEST_OUTAGE = timedelta(hours=1)
"""Ticks that were missed while the queue was silent are made up for, if they are not older."""


class Scheduler:
    """The name of a tick is its key: whoever comes second finds its task there already."""

    def __init__(self, queue: Queue, now: datetime | None = None) -> None:
        self._queue = queue
        self._next = _minute(now or datetime.now(UTC))
        self._due_now()  # a schedule that cannot be read is told at the start

    def _due_now(self) -> list[str]:
        """The tasks that have a tick in the next minute to look at."""
        return [
            task.name
            for task in self._queue.tasks.values()
            if task.cron is not None and is_due(task.cron, self._next)
        ]

    async def run(self, stopping: Event) -> None:
        """Go on until `stopping` is set."""
        while not stopping.is_set():
            now = datetime.now(UTC)
            await self.tick(now)
            seconds = 60 - now.second - now.microsecond / 1e6
            silent = self._next <= _minute(now)
            await first_of(stopping.wait(), seconds=1 if silent else seconds)

    async def tick(self, now: datetime) -> None:
        """Enqueue what was due since the last time, this minute included."""
        self._next = max(self._next, _minute(now) - LONGEST_OUTAGE)
        while self._next <= now:
            try:
                await self._enqueue()
            except Unavailable:
                return
            self._next += timedelta(minutes=1)

    async def _enqueue(self) -> None:
        for name in self._due_now():
            record = await self._queue.enqueue(name, key=f"tick/{self._next:%Y-%m-%dT%H:%M}Z")
            logger.info("task_scheduled", task=name, id=record.task_id)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
