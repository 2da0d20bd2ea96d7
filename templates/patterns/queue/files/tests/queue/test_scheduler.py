"""One run a tick, whatever the number of schedulers, and none is lost in an outage."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.core.queue.memory import MemoryStore
from app.core.queue.queue import Queue
from app.core.queue.record import TaskRecord
from app.core.queue.scheduler import Scheduler
from app.core.queue.task import load_tasks
from tests.queue.stores import QUEUES, queue_settings
from tests.queue.test_worker import Hiccups
from tests.waiting import PATIENCE

START = datetime(2030, 1, 1, 12, 0, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("tasks_of_tests")


def queue_on(store: MemoryStore) -> Queue:
    return Queue(store, load_tasks(), in_process=True)


async def scheduled(queue: Queue) -> list[TaskRecord]:
    return [*await queue.store.take(QUEUES, 1000)]


async def test_three_schedulers_one_run_a_tick() -> None:
    queue = queue_on(MemoryStore(queue_settings()))
    schedulers = [Scheduler(queue, START) for _ in range(3)]

    for minutes in range(6):
        for scheduler in schedulers:
            await scheduler.tick(START + timedelta(minutes=minutes))

    assert [task.name for task in await scheduled(queue)] == ["tidy", "tidy"]


async def test_what_was_missed_is_made_up_for() -> None:
    queue = queue_on(MemoryStore(queue_settings()))
    scheduler = Scheduler(queue, START)

    await scheduler.tick(START + timedelta(minutes=11))

    assert len(await scheduled(queue)) == 3


async def test_but_not_for_ever() -> None:
    queue = queue_on(MemoryStore(queue_settings()))
    scheduler = Scheduler(queue, START)

    await scheduler.tick(START + timedelta(days=2))

    assert len(await scheduled(queue)) == 13


class Silent(Hiccups):
    """Silent when it is first asked to add."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = {"add"}

    async def add(self, record: TaskRecord) -> TaskRecord:
        self.hiccup("add")
        return await super().add(record)


async def test_a_silent_queue_is_asked_again() -> None:
    queue = queue_on(Silent())
    scheduler = Scheduler(queue, START)

    await scheduler.tick(START)
    assert await scheduled(queue) == []
    await scheduler.tick(START)
    assert len(await scheduled(queue)) == 1


async def test_it_stops_when_it_is_told_to() -> None:
    stopping = asyncio.Event()
    running = asyncio.create_task(Scheduler(queue_on(Silent())).run(stopping))
    await asyncio.sleep(0)
    stopping.set()

    await asyncio.wait_for(running, PATIENCE)
