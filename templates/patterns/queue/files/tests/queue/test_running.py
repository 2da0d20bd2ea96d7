"""Tasks run with what they depend on, as requests do."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI

from app.api.dependencies.queue import get_outbox
from app.core.environment import SettingsError
from app.core.queue.queue import Queue
from app.core.queue.record import Outcome, Status, TaskRecord
from app.core.queue.store import Store
from app.core.queue.task import load_tasks
from app.lifespan import State, lifespan
from app.repositories.outbox import OutboxRepository
from app.settings import Settings
from app.workers.running import run_beside
from tests.queue.stores import QUEUES, new_task
from tests.queue.tasks import examples
from tests.queue.tasks.examples import Greeting, Writing
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("tasks_of_tests")


@pytest.fixture
async def state(settings: Settings) -> AsyncGenerator[State]:
    """What a running application has open, with its tasks beside it."""
    async with lifespan(settings, run_beside)(FastAPI()) as state:
        yield state


async def run(state: State, name: str, args: Any = None) -> TaskRecord:
    """Enqueue a task; what is known when it has ended."""
    accepted = await state["queue"].enqueue(name, args)
    return await ended(state, accepted.task_id)


async def ended(state: State, task_id: str) -> TaskRecord:
    async def look() -> TaskRecord | None:
        record = await state["queue"].store.get(task_id)
        return record if record is not None and record.finished_at is not None else None

    found: TaskRecord = await until(look)
    return found


async def test_arguments_and_settings(state: State) -> None:
    task = await run(state, "greet", Greeting(name="Ann"))

    assert (task.status, task.progress) == (Status.SUCCEEDED, 1)
    assert task.result == f"Hello Ann, this is {state['settings'].environment}, attempt 1."


async def test_those_who_listen_are_told_of_each_change(state: State) -> None:
    queue, seen = state["queue"], list[tuple[str, Status, float]]()

    async def look(task_id: str) -> None:
        record = await queue.get(task_id)
        seen.append((record.name, record.status, record.progress))

    queue.listeners.append(look)
    await run(state, "greet", Greeting(name="Ann"))

    await until(lambda: ("greet", Status.SUCCEEDED, 1) in seen)
    assert [each for each in seen if each[0] == "greet"] == [
        ("greet", Status.RUNNING, 0),
        ("greet", Status.RUNNING, 0.5),
        ("greet", Status.SUCCEEDED, 1),
    ]


async def test_and_of_a_replay(task_store: Store) -> None:
    told: list[str] = []
    queue = Queue(task_store, {}, in_process=False)

    async def listen(task_id: str) -> None:
        told.append(task_id)

    queue.listeners.append(listen)
    await queue.add(new_task())
    (taken,) = await task_store.take(QUEUES, 1)
    await task_store.end(taken, Outcome(what="bury", status=Status.DEAD))

    assert (await queue.replay("1")).status is Status.QUEUED
    assert told == ["1"]


async def test_what_is_not_async_runs_in_a_thread(state: State) -> None:
    assert (await run(state, "think")).result is True


async def test_an_attempt_has_its_time(state: State) -> None:
    task = await run(state, "hang")

    assert (task.status, task.error) == (Status.DEAD, "TimeoutError: ")


async def test_a_session_is_committed_when_the_task_succeeds(state: State) -> None:
    task = await run(state, "write", Writing(fails=False))

    assert task.result == 0
    assert len(await OutboxRepository(state["database"].read_session()).list_after(0, 10)) == 1


async def test_a_session_is_rolled_back_when_the_task_fails(state: State) -> None:
    queue = state["queue"]
    accepted = await queue.enqueue("write", Writing(fails=True))

    async def failed() -> TaskRecord | None:
        record = await queue.get(accepted.task_id)
        return record if record.error is not None else None

    await until(failed)
    assert await OutboxRepository(state["database"].read_session()).list_after(0, 10) == []


async def test_what_is_committed_comes_from_the_outbox_at_once(state: State) -> None:
    async with state["database"].session() as session:
        outbox = await get_outbox(session, state["queue"])
        task = await outbox.put("greet", Greeting(name="Ann"))

    assert (await ended(state, task.task_id)).status is Status.SUCCEEDED


async def test_a_queue_that_nobody_empties_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUEUE_NAMES", "default")

    with pytest.raises(SettingsError, match="QUEUE_NAMES does not list the queue of: tidy"):
        async with lifespan(Settings())(FastAPI()):
            pass


def test_two_tasks_cannot_have_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "greeting", replace(examples.greet), raising=False)

    with pytest.raises(ValueError, match="two tasks called greet"):
        load_tasks()


async def test_it_is_told_when_tasks_do_not_run(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(examples, "tidy", replace(examples.tidy, cron="sometimes"))

    with pytest.raises(ValueError, match="sometimes"):
        async with lifespan(settings, run_beside)(FastAPI()):
            pass
    assert "tasks_do_not_run" in caplog.text
