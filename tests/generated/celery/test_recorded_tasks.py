"""Celery's options of tasks have their meaning, with and without a broker."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import MagicMock

import pytest
from anyio.to_thread import run_sync
from celery.beat import ScheduleEntry
from celery.exceptions import Reject
from celery.schedules import crontab, schedule
from celery.signals import task_unknown
from celery.worker import state as worker_state
from fastapi import FastAPI
from kombu.message import Message
from sqlalchemy import func, select, update

from app.core.errors import Unavailable
from app.lifespan import State, lifespan
from app.queue.broker import configuration
from app.queue.consumer import CheckingConsumer, Consumer
from app.queue.current import current_task
from app.queue.in_process import run_in_process
from app.queue.models import TaskRecord
from app.queue.recorded_task import RecordedTask
from app.queue.schedules import Ticks, enqueue, keep_schedules, tick_of
from app.queue.thread_runner import NotStarted
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
    async with lifespan(settings, run_in_process)(FastAPI()) as state:
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

    assert (found.status, found.error) == ("dead", "TimeoutError: ")


async def test_a_bound_task_retries_itself(state: State) -> None:
    found = await finished(state, "again", {"number": 7})

    assert (found.status, found.result, found.attempts) == ("succeeded", 2, 3)
    assert calls == [7, 7, 7]


async def test_a_task_that_is_not_async(state: State) -> None:
    day = datetime(2030, 1, 1, tzinfo=UTC)
    found = await finished(state, "blocking", {"day": day})

    assert (found.result, calls) == (day.isoformat(), [found.task_id])


async def test_a_message_whose_task_could_not_be_started_is_delivered_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the database does not answer until the worker has stopped."""

    async def fail(*_: object, **__: object) -> None:
        raise NotStarted

    async with lifespan(settings)(FastAPI()) as state:
        monkeypatch.setattr(RecordedTask, "process", None)
        consumer = Consumer(state)
        monkeypatch.setattr(consumer, "run_function", fail)
        with pytest.raises(Reject) as rejected:
            await run_sync(consumer.run_task, ticking, (), {})

    assert vars(rejected.value)["requeue"]


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
            ticks.apply_entry(ticks.schedule["often"])  # it could not be enqueued before
            assert [await enqueue(state, entry) for entry in ticks.due.values()] == [True]

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


async def test_schedules_survive_every_error(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {"often": {"task": "ticking", "schedule": schedule(timedelta(seconds=0.01))}}
    monkeypatch.setattr(Ticks, "setup_schedule", lambda ticks: ticks.update_from_dict(entries))
    monkeypatch.setattr("app.queue.schedules.LONGEST_PAUSE", 0.05)
    failures: list[Exception] = [KeyError("53200"), Unavailable("It does not answer.")]
    enqueued: list[str] = []

    async def enqueue_later(*_: object, key: str, **__: object) -> None:
        if failures:
            raise failures.pop()
        enqueued.append(key)

    monkeypatch.setattr(type(state["queue"]), "enqueue", enqueue_later)
    keeping = asyncio.create_task(keep_schedules(state))
    await until(lambda: len(enqueued) > 1 or keeping.done())
    keeping.cancel()
    await asyncio.wait({keeping})

    assert len(enqueued) > 1


async def test_a_task_of_another_version_is_put_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Consumers of earlier tests are connected until they are collected.
    monkeypatch.setattr(task_unknown, "receivers", [])
    async with lifespan(settings)(FastAPI()) as state:
        async with state["database"].session() as session:
            task_id = (await state["queue"].enqueue(session, "ticking")).task_id
            await session.execute(update(TaskRecord).values(due_at=None))
        consumer = Consumer(state)  # the signal has a weak reference to it
        await run_sync(lambda: task_unknown.send(None, name="ticking", id=task_id))

        assert (await state["queue"].get(task_id)).due_at is not None
        assert consumer is not None


def test_a_tick_of_an_interval_is_any_time_in_it() -> None:
    entry = ScheduleEntry(name="often", schedule=schedule(timedelta(seconds=30)))
    start = datetime(2030, 1, 1, tzinfo=UTC)
    late = start + timedelta(seconds=29.999)

    assert tick_of(entry, start) == tick_of(entry, late)
    assert tick_of(entry, start) + 1 == tick_of(entry, start + timedelta(seconds=30))


@pytest.mark.parametrize("late", [0.001, 59, 61, 7200])
def test_a_scheduler_that_is_late_sees_the_same_tick(late: float) -> None:
    """As after an outage, or when it was frozen."""
    before, due = (datetime(2030, 1, 1, hour, 17, tzinfo=UTC) for hour in (10, 11))
    now = due + timedelta(seconds=late)
    times = crontab(minute="17", nowfun=lambda: now)
    entry = ScheduleEntry(name="hourly", schedule=times, last_run_at=before)

    assert tick_of(entry, now) == due.timestamp() / 60


@pytest.mark.parametrize(("url", "kind"), [("amqp://host/", "quorum"), ("redis://host", "classic")])
def test_queues_of_rabbitmq_are_replicated(
    monkeypatch: pytest.MonkeyPatch, url: str, kind: str
) -> None:
    monkeypatch.setenv("TASK_BROKER_URL", url)

    found = configuration(Settings())

    assert found["task_default_queue_type"] == kind
    assert found["broker_transport_options"].get("confirm_publish", False) is (kind == "quorum")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        *(({"task": "slow", "id": "1"}, body) for body in ("[]", "1", "null", '{"a": 1}')),
        *(({"task": name}, "[[], {}, {}]") for name in ("unknown", ["slow"], {"a": 1}, None)),
        ({}, '{"task": ["slow"]}'),
    ],
)
def test_a_message_of_another_form_is_dropped(headers: Any, body: str) -> None:
    """An error would end the worker that receives it, and then each other one."""
    message = message_of(headers, body)

    receiver().create_task_handler()(message)

    assert message.acknowledged


def test_a_worker_that_stops_starts_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its loop sees that it stops only after it has received a message."""
    monkeypatch.setattr(worker_state, "should_stop", 0)
    message = message_of({"task": "slow", "id": "1"}, "[[], {}, {}]")
    channel = message.channel = MagicMock()

    receiver().create_task_handler()(message)

    channel.basic_reject.assert_called_once_with("1", requeue=True)


def receiver() -> CheckingConsumer:
    """A consumer of messages of the task `slow`, without a connection."""
    app: Any = tasks
    found = CheckingConsumer.__new__(CheckingConsumer)
    vars(found).update(
        app=app,
        strategies={"slow": slow.start_strategy(app, MagicMock())},
        connection_errors=(),
        on_task_message=(),
        call_soon_ack=MagicMock(),
        _maximum_prefetch_restored=True,
    )
    return found


def message_of(headers: Any, body: str) -> Message:
    return Message(
        body=body,
        channel=MagicMock(),
        delivery_tag="1",
        content_type="application/json",
        content_encoding="utf-8",
        headers=headers,
    )
