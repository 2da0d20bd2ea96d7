"""The outbox: what is committed is sent, once for each attempt, however often the broker fails."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from app.core.errors import Unavailable
from app.lifespan import State, lifespan
from app.queue.engine_worker import run_engine
from app.queue.models import CRASHED, Status, TaskRecord
from app.queue.outbox import Outbox
from app.queue.runner import Attempt, Runner
from app.settings import Settings
from tests.waiting import until


@pytest.fixture
async def state(settings: Settings) -> AsyncGenerator[State]:
    """An application that runs no tasks."""
    async with lifespan(settings)(FastAPI()) as state:
        yield state


@pytest.fixture
def outbox(state: State) -> Outbox:
    settings = state["settings"].model_copy(update={"queue_poll_seconds": 0.01})
    return Outbox(state["database"], settings, state["queue"].engine.types)


@pytest.fixture
def runner(state: State) -> Runner:
    return Runner(state)


async def enqueue(state: State) -> str:
    """The id of a task that is due: the process that enqueued it has ended."""
    async with state["database"].session() as session:
        record = await state["queue"].enqueue(session, "greet", {"name": "Ann"})
        record.due_at = datetime.now(UTC)
        return record.task_id


async def relay_until(
    outbox: Outbox, sent: list[TaskRecord], count: int, failures: int = 0
) -> None:
    """Relay until that many messages were published, after some that failed."""
    outages = [Unavailable("It does not answer.")] * failures

    async def publish(messages: Sequence[TaskRecord]) -> None:
        if outages:
            raise outages.pop()
        sent.extend(messages)

    async def is_done() -> bool:
        return len(sent) >= count

    relaying = asyncio.create_task(outbox.relay(publish))
    await until(is_done)
    await asyncio.sleep(0.05)  # for what must not be sent once more
    relaying.cancel()
    await asyncio.wait({relaying})


async def test_each_task_is_sent_once(state: State, outbox: Outbox) -> None:
    ids = [await enqueue(state) for _ in range(3)]
    sent: list[TaskRecord] = []

    await relay_until(outbox, sent, 3)

    assert [(message.task_id, message.attempts) for message in sent] == [(one, 0) for one in ids]


@pytest.mark.parametrize("failures", [0, 2])
async def test_own_commits_are_sent_at_once(state: State, outbox: Outbox, failures: int) -> None:
    """Others leave it alone for a lease; when it cannot be sent, they need not wait so long."""
    sent: list[TaskRecord] = []
    async with state["database"].session() as session:
        session.add(record := TaskRecord(task_id="new", name="greet", args={}, attempts=0))
        outbox.add(session, record)

    await relay_until(outbox, sent, 1, failures)

    assert [(message.task_id, message.attempts) for message in sent] == [("new", 0)]


async def test_a_rollback_to_a_savepoint_sends_nothing(state: State, outbox: Outbox) -> None:
    """As when another request was faster with the same idempotency key."""
    sent: list[TaskRecord] = []
    kept, undone = (TaskRecord(task_id=name, name="greet", args={}) for name in ("kept", "undone"))
    async with state["database"].session() as session:
        with suppress(ZeroDivisionError):
            async with session.begin_nested():
                outbox.add(session, undone)
                session.add(undone)
                raise ZeroDivisionError
        outbox.add(session, kept)
        session.add(kept)

    await relay_until(outbox, sent, 1)

    assert [message.task_id for message in sent] == ["kept"]


async def test_others_send_what_a_process_that_has_ended_committed(
    state: State, outbox: Outbox
) -> None:
    async with state["database"].session() as session:
        await state["queue"].enqueue(session, "greet", {"name": "Ann"})
    (committed,) = (await state["database"].read_session().execute(select(TaskRecord))).scalars()

    assert committed.due_at is not None
    assert committed.due_at <= datetime.now(UTC) + timedelta(seconds=outbox.lease)
    assert committed.due_at > datetime.now(UTC)


async def test_an_outage_loses_nothing(state: State, outbox: Outbox) -> None:
    task_id = await enqueue(state)
    sent: list[TaskRecord] = []

    await relay_until(outbox, sent, 1, failures=2)

    assert [message.task_id for message in sent] == [task_id]


async def test_tasks_that_do_not_start_are_sent_again(
    state: State, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker has lost it, for example; here after no time at all."""
    task_id = await enqueue(state)
    sent: list[TaskRecord] = []

    monkeypatch.setattr("app.queue.outbox.SENT_AGAIN_AFTER", 0)
    await relay_until(outbox, sent, 2)

    assert {(message.task_id, message.attempts) for message in sent} == {(task_id, 0)}


async def test_a_retry_is_sent_when_it_is_due(state: State, outbox: Outbox, runner: Runner) -> None:
    """Also when it failed before the relay has noted that the first attempt was sent."""
    now, soon = await enqueue(state), await enqueue(state)
    sent: list[TaskRecord] = []

    async def publish(messages: Sequence[TaskRecord]) -> None:
        for message in messages:
            sent.append(message)
            if message.attempts == 0:
                due_at = datetime.now(UTC) + timedelta(days=message.task_id == soon)
                attempt = Attempt(task_id=message.task_id, retry_at=partial(at, due_at))
                await runner.start(attempt)
                await runner.fail(attempt, RuntimeError("broken"))

    def at(due_at: datetime, _error: Exception) -> datetime:
        return due_at

    async def is_done() -> bool:
        return len(sent) >= 3

    relaying = asyncio.create_task(outbox.relay(publish))
    await until(is_done)
    relaying.cancel()
    await asyncio.wait({relaying})

    assert [(one.task_id, one.attempts) for one in sent] == [(now, 0), (soon, 0), (now, 1)]
    found = await state["queue"].get(soon)
    assert found.due_at is not None


async def test_a_lease_that_is_kept_is_not_taken(
    state: State, outbox: Outbox, runner: Runner
) -> None:
    kept, expired = await enqueue(state), await enqueue(state)
    runner.lease = -1.0
    for task_id in (kept, expired):
        await runner.start(Attempt(task_id=task_id))
    await outbox.renew({(kept, 1)})

    assert await outbox.sweep() == [expired]
    assert await outbox.sweep() == []

    found = await state["queue"].get(expired)
    assert (found.status, found.crashes) == ("queued", 1)
    assert (await state["queue"].get(kept)).status == "running"


@pytest.mark.parametrize("status", ["queued", "running"])
async def test_tasks_of_another_engine_are_due(state: State, outbox: Outbox, status: str) -> None:
    adopted, own, done = [await enqueue(state) for _ in range(3)]
    later = datetime.now(UTC) + timedelta(days=1)
    for task_id, values in (
        (adopted, {"status": status, "due_at": None}),
        (own, {"due_at": later}),
        (done, {"status": "succeeded", "due_at": None}),
    ):
        async with state["database"].session() as session:
            one = update(TaskRecord).where(TaskRecord.task_id == task_id)
            await session.execute(one.values(values))

    await outbox.adopt()

    found = [(await state["queue"].get(task_id)).due_at for task_id in (adopted, own, done)]
    assert found[0] is not None
    assert found[0] <= datetime.now(UTC)
    assert found[1:] == [later, None]


async def test_a_task_that_ends_its_workers_is_dead(
    state: State, outbox: Outbox, runner: Runner
) -> None:
    task_id = await enqueue(state)
    runner.lease = -1.0
    for attempt in range(1, 4):
        await runner.start(Attempt(task_id=task_id, number=attempt))
        await outbox.sweep()

    found = await state["queue"].get(task_id)
    assert (found.status, found.error, found.due_at) == ("dead", CRASHED, None)


async def test_after_an_outage_leases_are_renewed_before_others_are_taken(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of all workers have expired, and none of them has ended."""
    events: list[str] = []
    answers: list[Exception | None] = [None, Unavailable("It does not answer."), *[None] * 4]

    async def probe(_database: object) -> None:
        if answers and (answer := answers.pop(0)) is not None:
            events.append("outage")
            raise answer

    async def renew(*_: object) -> None:
        events.append("renew")

    async def sweep(_outbox: object) -> Sequence[str]:
        events.append("sweep")
        return []

    async def is_done() -> bool:
        return not answers and events[-1] == "sweep"

    outbox = state["queue"].engine.outbox
    for of, replacement in ((outbox, renew), (outbox, sweep), (state["database"], probe)):
        monkeypatch.setattr(type(of), replacement.__name__, replacement)
    monkeypatch.setattr(outbox, "lease", 0.03)
    stopping = asyncio.Event()
    running = asyncio.create_task(run_engine(state, stopping, grace=1))
    await until(is_done)
    stopping.set()
    await running

    after_the_start = ["renew", "sweep", "outage"]
    assert events[:8] == [*after_the_start, "renew", "renew", "renew", "renew", "sweep"]


async def test_a_worker_whose_clock_is_ahead_takes_no_running_task(
    state: State, outbox: Outbox, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leases go by the clock of the database, and so do tasks that are put back."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Ahead":
            return super().now(tz) + timedelta(hours=1)

    task_id = await enqueue(state)
    runner.lease = outbox.lease
    await runner.start(Attempt(task_id=task_id, number=1))
    for module in ("outbox", "runner"):
        monkeypatch.setattr(f"app.queue.{module}.datetime", Ahead, raising=False)

    assert await outbox.sweep() == []
    await runner.end(Attempt(task_id=task_id, number=1), Status.QUEUED, due_in=0)
    sent: list[TaskRecord] = []
    await relay_until(outbox, sent, 1)
    assert [message.attempts for message in sent] == [1]


async def test_a_task_of_another_version_waits(state: State, outbox: Outbox) -> None:
    """And does not block those behind it."""
    unknown, known = await enqueue(state), await enqueue(state)
    async with state["database"].session() as session:
        one = update(TaskRecord).where(TaskRecord.task_id == unknown)
        await session.execute(one.values(name="nonsense"))
    sent: list[TaskRecord] = []

    await relay_until(outbox, sent, 1)

    assert [message.task_id for message in sent] == [known]
    assert (await state["queue"].get(unknown)).due_at is not None


async def test_the_relay_survives_every_error(state: State, outbox: Outbox) -> None:
    task_id = await enqueue(state)
    sent: list[TaskRecord] = []
    failures: list[Exception] = [KeyError("name"), OSError("gone")]

    async def publish(messages: Sequence[TaskRecord]) -> None:
        if failures:
            raise failures.pop()
        sent.extend(messages)

    async def is_done() -> bool:
        return bool(sent)

    relaying = asyncio.create_task(outbox.relay(publish))
    await until(is_done)
    relaying.cancel()
    await asyncio.wait({relaying})

    assert [message.task_id for message in sent] == [task_id]


async def test_the_relay_survives_that_nothing_can_be_noted(
    state: State, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the server has no memory: the error is none of those that are an outage."""
    task_id = await enqueue(state)
    sent: list[TaskRecord] = []
    note, failures = outbox._set_due, [KeyError("53200"), KeyError("53200")]

    async def set_due(records: Sequence[TaskRecord], seconds: float) -> None:
        if failures:
            raise failures.pop()
        await note(records, seconds)

    monkeypatch.setattr(outbox, "_set_due", set_due)
    outbox.lease = 0.0
    await relay_until(outbox, sent, 2)

    assert {message.task_id for message in sent} == {task_id}
