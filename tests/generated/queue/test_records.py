"""Records of tasks: only the attempt that has the task changes it, and it takes effect once."""

from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI

from app.core.errors import Unavailable
from app.lifespan import State, lifespan
from app.queue.errors import is_refusal
from app.queue.models import CRASHED, Status, TaskRecord
from app.queue.records import Records
from app.queue.runner import Attempt, Runner
from app.queue.running import run_beside
from app.settings import Settings
from tests.waiting import until


@pytest.fixture
async def state(settings: Settings) -> AsyncGenerator[State]:
    """An application that runs no tasks."""
    async with lifespan(settings)(FastAPI()) as state:
        yield state


@pytest.fixture
def records(state: State) -> Records:
    return Records(state["database"], state["queue"], state["settings"])


async def enqueue(state: State) -> str:
    async with state["database"].session() as session:
        return (await state["queue"].enqueue(session, "greet", {"name": "Ann"})).task_id


async def look(state: State, task_id: str) -> TaskRecord:
    return await state["queue"].get(task_id)


async def test_a_worker_whose_lease_expired_cannot_complete_the_task(
    state: State, records: Records
) -> None:
    task_id = await enqueue(state)
    assert await records.start(task_id, 1)
    assert await records.start(task_id, 2)

    assert not await records.finish(task_id, 1, Status.SUCCEEDED, result="late")
    assert not await records.report(task_id, 1, 0.9)
    assert not await records.start(task_id, 1)
    assert await records.finish(task_id, 2, Status.SUCCEEDED, result="in time")

    found = await look(state, task_id)
    assert (found.status, found.result, found.attempts) == ("succeeded", "in time", 2)


async def test_a_short_outage_does_not_lose_a_result(
    state: State, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = await enqueue(state)
    await records.start(task_id, 1)
    connect, answers = state["database"].writes.connect, [Unavailable("It does not answer.")]

    def connect_later() -> object:
        if answers:
            raise answers.pop()
        return connect()

    monkeypatch.setattr(type(state["database"].writes), "connect", lambda _: connect_later())
    assert await records.finish(task_id, 1, Status.SUCCEEDED)

    assert not answers


async def test_a_finished_task_is_not_called_again(state: State, records: Records) -> None:
    task_id = await enqueue(state)
    await records.start(task_id, 1)
    await records.finish(task_id, 1, Status.SUCCEEDED)
    calls = []

    async def call() -> None:
        calls.append(1)

    await Runner(state).run(Attempt(task_id=task_id, number=2), call)

    assert calls == []


@pytest.mark.parametrize(
    ("result", "stored"), [(float("nan"), None), ({"a": (1, 2)}, {"a": [1, 2]})]
)
async def test_results_are_json(state: State, result: object, stored: object) -> None:
    task_id = await enqueue(state)

    async def call() -> object:
        return result

    await Runner(state).run(Attempt(task_id=task_id), call)

    assert (await look(state, task_id)).result == stored


@pytest.mark.parametrize(("most", "status"), [(2, "succeeded"), (1, "dead")])
async def test_a_restart_runs_tasks_again(
    settings: Settings, state: State, records: Records, most: int, status: str
) -> None:
    waiting, running = await enqueue(state), await enqueue(state)
    await records.start(running, 1)
    settings = settings.model_copy(update={"queue_max_crashes": most})

    async with lifespan(settings, run_beside)(FastAPI()) as restarted:
        for task_id, expected in ((waiting, "succeeded"), (running, status)):

            async def is_done(task_id: str = task_id, expected: str = expected) -> bool:
                return (await look(restarted, task_id)).status == expected

            assert await until(is_done)

    found = await look(state, running)
    assert (found.crashes, found.error) == (1, CRASHED if status == "dead" else None)


async def test_a_listener_that_fails_stops_nothing(
    state: State, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_task_id: str) -> None:
        raise ValueError("no luck")

    state["queue"].on_change.append(fail)
    await state["queue"].announce("1")

    assert "task_listener_failed" in caplog.text


def test_a_service_that_is_down_is_no_refusal() -> None:
    assert not is_refusal(Unavailable("It does not answer."))
