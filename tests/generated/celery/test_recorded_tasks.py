"""Celery's options of tasks have their meaning, with and without a broker."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from anyio.to_thread import run_sync
from celery.beat import ScheduleEntry
from celery.schedules import crontab, schedule
from celery.signals import task_unknown
from fastapi import FastAPI
from sqlalchemy import func, select, update

from app.core.errors import Unavailable
from app.lifespan import State, lifespan
from app.queue.broker import configuration
from app.queue.consumer import Consumer
from app.queue.current import current_task
from app.queue.models import TaskRecord
from app.queue.recorded_task import RecordedTask
from app.queue.runner import Runner
from app.queue.running import run_beside
from app.queue.schedules import Ticks, enqueue, tick_of
from app.settings import Settings
from app.tasks import tasks
from tests.waiting import until

calls: list[Any] = []


@tasks.task(name="slow", time_limit=1)
async def slow() -> None:
    await asyncio.sleep(600)


@tasks.task(name="again", bind=True, max_retries=2)
async def again(self: RecordedTask, number: int) -> int:
    calls.append(number)
    if self.request.retries < 2:
        raise self.retry(countdown=0)
    return int(self.request.retries)


@tasks.task(name="blocking")
def blocking(day: datetime) -> str:
    calls.append(current_task().task_id)
    return day.isoformat()


@tasks.task(name="ticking")
async def ticking() -> None:
    calls.append("tick")


@pytest.fixture(autouse=True)
def no_calls() -> Iterator[None]:
    calls.clear()
    yield
    calls.clear()


@pytest.fixture
async def state(settings: Settings) -> AsyncGenerator[State]:
    """An application that runs tasks itself."""
    settings = settings.model_copy(update={"queue_poll_seconds": 0.05})
    async with lifespan(settings, run_beside)(FastAPI()) as state:
        yield state


async def finished(state: State, name: str, args: dict[str, Any] | None = None) -> TaskRecord:
    async with state["database"].session() as session:
        task_id = (await state["queue"].enqueue(session, name, args)).task_id

    async def look() -> TaskRecord | None:
        found = await state["queue"].get(task_id)
        return found if found.finished_at else None

    found: TaskRecord = await until(look)
    return found


async def test_a_time_limit(state: State) -> None:
    found = await finished(state, "slow")

    assert (found.status, found.error) == ("dead", "TimeLimitExceeded: TimeLimitExceeded(1,)")


async def test_a_bound_task_retries_itself(state: State) -> None:
    found = await finished(state, "again", {"number": 7})

    assert (found.status, found.result, found.attempts) == ("succeeded", 2, 3)
    assert calls == [7, 7, 7]


async def test_a_task_that_is_not_async(state: State) -> None:
    day = datetime(2030, 1, 1, tzinfo=UTC)
    found = await finished(state, "blocking", {"day": day})

    assert (found.result, calls) == (day.isoformat(), [found.task_id])


async def test_without_a_record_it_runs_too(state: State) -> None:
    """As by `apply_async`; a process that runs no tasks publishes."""
    result = await run_sync(ticking.apply)

    assert (result.state, calls) == ("SUCCESS", ["tick"])


async def test_schedulers_share_a_tick(settings: Settings) -> None:
    entries = {"often": {"task": "ticking", "schedule": schedule(timedelta(days=1))}}
    async with lifespan(settings)(FastAPI()) as state:
        for _ in range(3):
            ticks = Ticks(tasks, entries, lazy=True)
            ticks.update_from_dict(entries)
            ticks.apply_entry(ticks.schedule["often"])
            assert [await enqueue(state, entry) for entry in ticks.due] == [True]

        total = select(func.count()).select_from(TaskRecord)
        assert await state["database"].read_session().scalar(total) == 1


async def test_a_tick_waits_for_a_broker_that_is_down(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise Unavailable("It does not answer.")

    entry = ScheduleEntry(name="often", task="ticking", schedule=schedule(timedelta(days=1)))
    with monkeypatch.context() as outage:
        outage.setattr(type(state["queue"]), "enqueue", fail)
        assert not await enqueue(state, entry)

    assert await enqueue(state, entry)


async def test_a_task_of_another_version_is_put_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Consumers of earlier tests are connected until they are collected.
    monkeypatch.setattr(task_unknown, "receivers", [])
    async with lifespan(settings)(FastAPI()) as state:
        async with state["database"].session() as session:
            task_id = (await state["queue"].enqueue(session, "ticking")).task_id
            await session.execute(update(TaskRecord).values(due_at=None))
        consumer = Consumer(state, Runner(state))  # the signal has a weak reference to it
        await run_sync(lambda: task_unknown.send(None, name="ticking", id=task_id))

        assert (await state["queue"].get(task_id)).due_at is not None
        assert consumer is not None


@pytest.mark.parametrize(
    ("times", "seconds"), [(schedule(timedelta(seconds=30)), 30), (crontab(minute="*"), 60)]
)
def test_the_number_of_a_tick(times: object, seconds: int) -> None:
    start = datetime(2030, 1, 1, tzinfo=UTC)
    late = start + timedelta(seconds=seconds - 0.001)

    assert tick_of(times, start) == tick_of(times, late)
    assert tick_of(times, start) + 1 == tick_of(times, start + timedelta(seconds=seconds))


@pytest.mark.parametrize(("url", "kind"), [("amqp://host/", "quorum"), ("redis://host", "classic")])
def test_queues_of_rabbitmq_are_replicated(
    monkeypatch: pytest.MonkeyPatch, url: str, kind: str
) -> None:
    monkeypatch.setenv("TASK_BROKER_URL", url)

    found = configuration(Settings())

    assert found["task_default_queue_type"] == kind
    assert found["broker_transport_options"].get("confirm_publish", False) is (kind == "quorum")
