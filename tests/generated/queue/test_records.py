"""Records of tasks: only the attempt that has the task changes it, and it takes effect once."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from app.core.errors import Conflict, Unavailable
from app.lifespan import State, lifespan
from app.queue.current import current_task
from app.queue.models import CRASHED, Status, TaskRecord
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
def runner(state: State) -> Runner:
    return Runner(state)


async def enqueue(state: State) -> str:
    async with state["database"].session() as session:
        return (await state["queue"].enqueue(session, "greet", {"name": "Ann"})).task_id


async def look(state: State, task_id: str) -> TaskRecord:
    return await state["queue"].get(task_id)


async def test_a_worker_whose_lease_expired_cannot_complete_the_task(
    state: State, runner: Runner
) -> None:
    task_id = await enqueue(state)
    first, second = (Attempt(task_id=task_id, number=number) for number in (1, 2))
    assert await runner.start(first)
    assert await runner.start(second)

    await runner.succeed(first, "late")
    with runner.as_current(first):
        await current_task().report(0.9)
    assert not await runner.start(first)
    found = await look(state, task_id)
    assert (found.status, found.result, found.progress) == ("running", None, 0)

    await runner.succeed(second, "in time")
    found = await look(state, task_id)
    assert (found.status, found.result, found.attempts) == ("succeeded", "in time", 2)


async def test_a_short_outage_does_not_lose_a_result(
    state: State, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = Attempt(task_id=await enqueue(state))
    await runner.start(attempt)
    connect, answers = state["database"].writes.connect, [Unavailable("It does not answer.")]

    def connect_later() -> object:
        if answers:
            raise answers.pop()
        return connect()

    monkeypatch.setattr(type(state["database"].writes), "connect", lambda _: connect_later())
    await runner.succeed(attempt, "done")

    assert not answers
    assert (await look(state, attempt.task_id)).result == "done"


async def test_a_finished_task_is_not_called_again(state: State, runner: Runner) -> None:
    attempt = Attempt(task_id=await enqueue(state))
    await runner.start(attempt)
    await runner.succeed(attempt, None)
    calls = []

    async def call() -> None:
        calls.append(1)

    await runner.run(Attempt(task_id=attempt.task_id, number=2), call)

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
    settings: Settings,
    state: State,
    runner: Runner,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    status: str,
) -> None:
    waiting, running = await enqueue(state), await enqueue(state)
    await runner.start(Attempt(task_id=running))
    monkeypatch.setattr("app.queue.models.MAX_CRASHES", most)

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


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Conflict("Never."), Status.FAILED),
        (Unavailable("It does not answer."), Status.DEAD),
        (RuntimeError("broken"), Status.DEAD),
    ],
)
def test_refusals_are_failures_and_outages_are_not(error: Exception, status: Status) -> None:
    assert Status.after(error) is status


async def test_a_refusal_is_not_retried(state: State, runner: Runner) -> None:
    attempt = Attempt(task_id=await enqueue(state))
    await runner.start(attempt)
    await runner.fail(attempt, Conflict("Never."), retry_at=datetime.now(UTC))

    found = await look(state, attempt.task_id)
    assert (found.status, found.error, found.due_at) == ("failed", "Never.", None)
