"""Celery's schedules: every worker has a scheduler, and a tick is one task."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedule

from app.core.logging import get_logger
from app.lifespan import State

logger = get_logger(__name__)

LONGEST_PAUSE = 1.0
"""Seconds between two looks at the schedules, at most."""


class Ticks(Scheduler):
    """Celery's scheduler in memory. It notes what is due, and publishes nothing."""

    producer: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        self.due: dict[str, ScheduleEntry] = {}
        super().__init__(*args, **options)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:  # noqa: ANN401
        self.due[str(entry.name)] = entry


async def keep_schedules(state: State) -> None:
    """Enqueue the tasks that have a schedule, at each tick, until this is cancelled."""
    ticks = Ticks(state["queue"].engine.broker.app, max_interval=LONGEST_PAUSE)
    while True:
        pause = ticks.tick()
        # A schedule that fails during an outage of the broker or the database is due again.
        for name, entry in [*ticks.due.items()]:
            if await enqueue(state, entry):
                del ticks.due[name]
        await asyncio.sleep(LONGEST_PAUSE if ticks.due else pause)


async def enqueue(state: State, entry: ScheduleEntry) -> bool:
    """Enqueue the task of an entry; all schedulers use the same key for a tick."""
    key = f"schedule/{entry.name}/{tick_of(entry, datetime.now(UTC))}"
    try:
        async with state["database"].session() as session:
            await state["queue"].enqueue(session, str(entry.task), entry.kwargs, key=key)
    except Exception as error:  # noqa: BLE001  # the next attempt may succeed
        logger.warning("tick_not_enqueued", entry=entry.name, error=repr(error))
        return False
    return True


def tick_of(entry: ScheduleEntry, now: datetime) -> int:
    """The number of a tick: the same for all schedulers, which see it at other times.

    Intervals begin when their scheduler does: a tick is any time in one. Other schedules are to
    the minute, and a tick that a scheduler sees late keeps its own.
    """
    times: Any = entry.schedule
    is_interval = type(times) is schedule
    if is_interval:
        return int(now.timestamp() // times.run_every.total_seconds())
    due: datetime = times.now() + times.remaining_estimate(entry.last_run_at)
    return round(due.timestamp() / 60)
