"""Celery's schedules: every worker has a scheduler, and a tick is one task."""

import asyncio
from asyncio import Event
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedule

from app.core.errors import AppError
from app.core.logging import get_logger
from app.lifespan import State

logger = get_logger(__name__)

LONGEST_PAUSE = 1.0
"""Seconds between two looks at the schedules, at most."""


class Ticks(Scheduler):
    """Celery's scheduler in memory. It notes what is due, and publishes nothing."""

    producer: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        self.due: list[ScheduleEntry] = []
        super().__init__(*args, **options)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:  # noqa: ANN401
        self.due.append(entry)


class Schedules:
    """Enqueues tasks on their schedules. All schedulers use the same key for a tick."""

    def __init__(self, state: State) -> None:
        self._database = state["database"]
        self._queue = state["queue"]
        self._app = state["queue"].engine.broker.app

    async def run(self, stopping: Event) -> None:
        """Enqueue what is due, until `stopping` is set."""
        ticks = Ticks(self._app, max_interval=LONGEST_PAUSE)
        while not stopping.is_set():
            pause = ticks.tick()
            ticks.due = await self.enqueue(ticks.due)
            await asyncio.sleep(LONGEST_PAUSE if ticks.due else pause)

    async def enqueue(self, entries: Sequence[ScheduleEntry]) -> list[ScheduleEntry]:
        """Enqueue a task for the present tick of each entry; those that failed are returned."""
        failed = []
        for entry in entries:
            key = f"schedule/{entry.name}/{tick_of(entry.schedule, datetime.now(UTC))}"
            try:
                async with self._database.session() as session:
                    await self._queue.enqueue(session, str(entry.task), entry.kwargs, key=key)
            except AppError as error:
                logger.warning("tick_not_enqueued", entry=entry.name, error=error.detail)
                failed.append(entry)
        return failed


def tick_of(times: Any, now: datetime) -> int:  # noqa: ANN401
    """The number of a tick: the same for all schedulers, which see it at slightly other times."""
    # Other schedules than intervals are to the minute.
    every = getattr(times, "run_every", None) if type(times) is schedule else None
    seconds = 60 if every is None else every.total_seconds()
    return int(now.timestamp() // seconds)
