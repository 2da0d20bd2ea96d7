"""Records of tasks: only the attempt that has the task changes it, and it takes effect once."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI

from app.core.errors import Conflict, Unavailable
from app.lifespan import State, lifespan
from app.queue.arguments import TaskType
from app.queue.current import current_task
from app.queue.engine_worker import run_engine
from app.queue.in_process import run_in_process
from app.queue.models import CRASHED, Status, TaskRecord
from app.queue.runner import Attempt, Runner
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

    await runner.end(first, Status.SUCCEEDED, result="late")
    with runner.as_current(first):
        await current_task().report(0.9)
    assert not await runner.start(first)
    found = await look(state, task_id)
    assert (found.status, found.result, found.progress) == ("running", None, 0)

    await runner.end(second, Status.SUCCEEDED, result="in time")
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
    await runner.end(attempt, Status.SUCCEEDED, result="done")

    assert not answers
    assert (await look(state, attempt.task_id)).result == "done"


async def test_a_finished_task_is_not_called_again(state: State, runner: Runner) -> None:
    attempt = Attempt(task_id=await enqueue(state))
    await runner.start(attempt)
    await runner.end(attempt, Status.SUCCEEDED)
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


async def test_a_task_that_awaits_what_it_has_cancelled_has_failed(
    state: State, runner: Runner
) -> None:
    """Only a worker that ends cancels the task itself, which then waits again."""
    task_id = await enqueue(state)

    async def call() -> None:
        inner = asyncio.create_task(asyncio.sleep(600))
        inner.cancel()
        await inner

    with pytest.raises(RuntimeError):
        await runner.run(Attempt(task_id=task_id), call)

    found = await look(state, task_id)
    assert found.status == "dead"
    assert found.error == "RuntimeError: The task awaited a cancelled call."


@pytest.mark.parametrize(
    ("interrupted", "status", "called"),
    [([0], "queued", 0), ([1], "succeeded", 1), ([0, 1], "queued", 0)],
    ids=["start", "end", "putting back"],
)
async def test_a_cancellation_ends_no_change_of_a_record(
    state: State,
    runner: Runner,
    monkeypatch: pytest.MonkeyPatch,
    interrupted: Sequence[int],
    status: str,
    called: int,
) -> None:
    """Its outcome would be unknown, and the record be that of a worker that has ended."""
    change, changes, calls = runner._try, [], []

    async def call() -> None:
        calls.append(1)

    async def change_slowly(*args: Any) -> bool:
        changes.append(1)
        if len(changes) - 1 in interrupted:
            running.cancel()
            await asyncio.sleep(0)
        return await change(*args)

    monkeypatch.setattr(runner, "_try", change_slowly)
    task_id = await enqueue(state)
    running = asyncio.create_task(runner.run(Attempt(task_id=task_id), call))
    await asyncio.wait({running})

    found = await look(state, task_id)
    assert (found.status, found.attempts, len(calls)) == (status, 1, called)
    assert running.cancelled()


async def test_a_text_that_no_database_stores_is_shortened(state: State, runner: Runner) -> None:
    """As in errors about files whose names are not UTF-8."""
    attempt = Attempt(task_id=await enqueue(state))
    await runner.start(attempt)
    await runner.fail(attempt, RuntimeError("caf\udce9\0" + "." * 500))

    error = (await look(state, attempt.task_id)).error
    assert error is not None
    assert error.startswith("RuntimeError: caf?...")
    assert len(error) == 500


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

    async with lifespan(settings, run_in_process)(FastAPI()) as restarted:
        for task_id, expected in ((waiting, "succeeded"), (running, status)):

            async def is_done(task_id: str = task_id, expected: str = expected) -> bool:
                return (await look(restarted, task_id)).status == expected

            assert await until(is_done)

    found = await look(state, running)
    assert (found.crashes, found.error) == (1, CRASHED if status == "dead" else None)


async def test_a_task_that_was_removed_stops_no_others(settings: Settings, state: State) -> None:
    async with state["database"].session() as session:
        session.add(TaskRecord(task_id="removed", name="removed", args={}))
    waiting = await enqueue(state)

    async with lifespan(settings, run_in_process)(FastAPI()) as restarted:

        async def is_done() -> bool:
            return (await look(restarted, waiting)).status == "succeeded"

        assert await until(is_done)


async def test_arguments_that_do_not_fit_any_more_are_an_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a release with other parameters."""

    def fail(*_: object) -> None:
        raise ValueError("other parameters")

    monkeypatch.setattr(TaskType, "converted", fail)
    async with lifespan(settings, run_in_process)(FastAPI()) as state:
        async with state["database"].session() as session:
            task_id = (await state["queue"].enqueue(session, "fail")).task_id

        async def is_dead() -> bool:
            return (await look(state, task_id)).status == "dead"

        assert await until(is_dead)
        assert (await look(state, task_id)).error == "ValueError: other parameters"


async def test_tasks_run_after_an_outage_at_the_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    outages = [Unavailable("It does not answer.")]

    async def fail_once(*args: Any, **options: Any) -> None:
        if outages:
            raise outages.pop()
        await run_engine(*args, **options)

    monkeypatch.setattr("app.queue.in_process.run_engine", fail_once)
    async with lifespan(settings, run_in_process)(FastAPI()) as state:
        task_id = await enqueue(state)

        async def is_done() -> bool:
            return (await look(state, task_id)).status == "succeeded"

        assert await until(is_done)


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
    attempt = Attempt(task_id=await enqueue(state), retry_at=lambda _: datetime.now(UTC))
    await runner.start(attempt)
    await runner.fail(attempt, Conflict("Never."))

    found = await look(state, attempt.task_id)
    assert (found.status, found.error, found.due_at) == ("failed", "Never.", None)
