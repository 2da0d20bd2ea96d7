"""Messages of dramatiq are run in its threads, here on its broker for tests."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from fastapi import FastAPI
from sqlalchemy import select, update

from app.core.errors import Unavailable
from app.lifespan import State, lifespan
from app.queue import schedules
from app.queue.consumer import Consumer
from app.queue.current import current_task
from app.queue.models import TaskRecord
from app.queue.options import option
from app.settings import Settings
from tests.waiting import until

calls: list[Any] = []


@dramatiq.actor(actor_name="slow", time_limit=50, max_retries=0)
async def slow() -> None:
    await asyncio.sleep(600)


@dramatiq.actor(actor_name="endless", time_limit=float("inf"))
async def endless() -> None:
    calls.append("endless")
    await asyncio.sleep(600)


@dramatiq.actor(actor_name="blocking", time_limit=1)
def blocking(day: datetime) -> str:
    time.sleep(0.1)  # nothing can interrupt it, and it must not run again beside itself
    calls.append(current_task().task_id)
    return day.isoformat()


@dramatiq.actor(actor_name="unrecorded", max_retries=1, min_backoff=1)
async def unrecorded(number: int) -> int:
    calls.append((number, current_task().task_id))
    raise RuntimeError("broken")


@dramatiq.actor(actor_name="ticking", periodic="0 0 1 1 *")
async def ticking() -> None:
    calls.append("tick")


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


@pytest.fixture
async def state(settings: Settings) -> AsyncGenerator[State]:
    """An application that runs no tasks by itself."""
    async with lifespan(settings)(FastAPI()) as state:
        yield state


@asynccontextmanager
async def consuming(state: State, grace: float = 5) -> AsyncGenerator[None]:
    stopping = asyncio.Event()
    consumer = Consumer(state)
    running = asyncio.create_task(consumer.consume(stopping, grace=grace))
    try:
        yield
    finally:
        stopping.set()
        await running


async def publish(state: State, name: str, args: dict[str, Any] | None = None) -> str:
    """The id of a task whose message is with the broker."""
    async with state["database"].session() as session:
        record = await state["queue"].enqueue(session, name, args)
    state["queue"].engine.broker.publish([record])
    return record.task_id


async def finished(state: State, task_id: str) -> TaskRecord:
    async def look() -> TaskRecord | None:
        found = await state["queue"].get(task_id)
        return found if found.finished_at else None

    found: TaskRecord = await until(look)
    return found


async def test_a_result(state: State) -> None:
    day = datetime(2030, 1, 1, tzinfo=UTC)
    async with consuming(state):
        task_id = await publish(state, "blocking", {"day": day})
        found = await finished(state, task_id)

    assert (found.status, found.result, calls) == ("succeeded", day.isoformat(), [task_id])


async def test_a_time_limit(state: State) -> None:
    async with consuming(state):
        found = await finished(state, await publish(state, "slow"))

    assert (found.status, found.error) == ("dead", "TimeoutError: ")


async def test_a_message_that_is_delivered_twice(state: State) -> None:
    async with consuming(state):
        task_id = await publish(state, "greet", {"name": "Ann"})
        again = TaskRecord(task_id=task_id, name="greet", args={"name": "Ann"}, attempts=0)
        state["queue"].engine.broker.publish([again])
        found = await finished(state, task_id)

    assert (found.result, found.attempts) == ("Hello Ann", 1)


async def test_a_task_is_put_back_after_the_grace(state: State) -> None:
    async with consuming(state, grace=0.1):
        task_id = await publish(state, "endless")
        await until(lambda: bool(calls))

    found = await state["queue"].get(task_id)
    assert (found.status, found.attempts, found.error) == ("queued", 1, None)
    assert found.due_at is not None
    assert found.due_at <= datetime.now(UTC)


async def test_a_message_whose_task_could_not_be_started_is_delivered_again(
    state: State, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The database does not answer until the worker has stopped."""

    def fail(_pool: object) -> object:
        raise Unavailable("It does not answer.")

    task_id = await publish(state, "endless")
    sent: list[dramatiq.Message[Any]] = []
    monkeypatch.setattr(state["queue"].engine.broker.dramatiq, "enqueue", sent.append)
    monkeypatch.setattr(type(state["database"].writes), "connect", fail)
    async with consuming(state, grace=0.1):
        await until(lambda: "task_not_recorded" in caplog.text)

    assert [message.options["record"]["task_id"] for message in sent] == [task_id]


async def test_a_task_of_another_version_is_put_back(state: State) -> None:
    task_id = await publish(state, "greet", {"name": "Ann"})
    async with state["database"].session() as session:
        await session.execute(update(TaskRecord).values(due_at=None))
    broker = state["queue"].engine.broker
    del broker.actors["greet"], broker.dramatiq.actors["greet"]

    async def is_put_back() -> bool:
        return (await state["queue"].get(task_id)).due_at is not None

    async with consuming(state):
        assert await until(is_put_back)
    assert (await state["queue"].get(task_id)).attempts == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"options": [1]},
        {"options": "eta"},
        {"actor_name": []},
        {"kwargs": None, "queue_name": {}},
        {"message_id": [[]]},
        {"queue_name": "moved"},
        None,
    ],
    ids=str,
)
async def test_what_is_no_message_for_its_queue_ends_no_thread(
    state: State, changes: dict[str, Any] | None
) -> None:
    """As many as there are threads."""
    broker = state["queue"].engine.broker.dramatiq
    assert isinstance(broker, StubBroker)
    async with consuming(state):
        for _ in range(2 * state["settings"].queue_concurrency):
            message = unrecorded.message(1).asdict()
            data = "[" * 10_000 if changes is None else json.dumps({**message, **changes})
            broker.queues["default"].put(data.encode())
        found = await finished(state, await publish(state, "greet", {"name": "Ann"}))

    assert found.status == "succeeded"
    assert calls == []


async def test_a_task_that_was_moved_to_another_queue_is_put_back(state: State) -> None:
    """Each message has the name of its queue; RabbitMQ's shovels change the queue alone."""
    task_id = await publish(state, "greet", {"name": "Ann"})
    async with state["database"].session() as session:
        await session.execute(update(TaskRecord).values(due_at=None))
    broker = state["queue"].engine.broker.dramatiq
    assert isinstance(broker, StubBroker)
    message = json.loads(broker.queues["default"].get())
    broker.queues["default"].put(json.dumps({**message, "queue_name": "before"}).encode())

    async def is_put_back() -> bool:
        return (await state["queue"].get(task_id)).due_at is not None

    async with consuming(state):
        assert await until(is_put_back)
    assert (await state["queue"].get(task_id)).attempts == 0


async def test_unrecorded_messages_are_retried_by_dramatiq(state: State) -> None:
    broker = state["queue"].engine.broker.dramatiq
    assert isinstance(broker, StubBroker)
    async with consuming(state):
        unrecorded.send(7)
        await until(lambda: bool(broker.dead_letters))

    assert calls == [(7, ""), (7, "")]


async def test_a_schedule_survives_every_error(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[Exception] = [KeyError("53200"), Unavailable("It does not answer.")]
    enqueued: list[str] = []

    async def enqueue(*_: object, key: str, **__: object) -> None:
        if failures:
            raise failures.pop()
        enqueued.append(key)

    monkeypatch.setattr(schedules, "next_tick", lambda _, after: after + timedelta(seconds=1))
    monkeypatch.setattr(schedules, "PAUSE", 0.01)
    monkeypatch.setattr(type(state["queue"]), "enqueue", enqueue)
    keeping = asyncio.create_task(schedules.keep_schedules(state))
    await until(lambda: bool(enqueued) or keeping.done())
    keeping.cancel()
    await asyncio.wait({keeping})

    assert enqueued


async def test_schedulers_share_a_tick(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    tick = datetime.now(UTC)
    begun: set[object] = set()
    done: list[datetime] = []

    def next_tick(_actor: object, after: datetime) -> datetime:
        """One for each task of each scheduler, and then none for a long time."""
        if (task := asyncio.current_task()) not in begun:
            begun.add(task)
            return tick
        if after > tick:
            done.append(after)
        return tick + timedelta(days=1)

    monkeypatch.setattr(schedules, "next_tick", next_tick)
    actors = state["queue"].engine.broker.actors
    periodic = [name for name, actor in actors.items() if option(actor, "periodic")]
    keeping = [asyncio.create_task(schedules.keep_schedules(state)) for _ in range(3)]
    await until(lambda: len(done) == 3 * len(periodic))
    for task in keeping:
        task.cancel()
    await asyncio.wait(keeping)

    assert "ticking" in periodic
    names = await state["database"].read_session().execute(select(TaskRecord.name))
    assert sorted(names.scalars()) == sorted(periodic)
