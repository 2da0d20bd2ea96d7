"""Following a task, in the process that runs it and in another."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from app.core.errors import Unavailable
from app.core.events.settings import EventSettings
from app.core.events.topics import HEARTBEAT
from app.core.fanout.channels import Fanout
from app.core.queue.changes import TaskChanges, open_changes
from app.core.queue.memory import MemoryStore
from app.core.queue.queue import Queue
from app.core.queue.record import Outcome, Status
from app.core.queue.shared import RedisStore
from app.core.queue.store import Store
from tests.queue.stores import QUEUES, new_task, queue_settings
from tests.waiting import PATIENCE, until

DONE = Outcome(what="finish", status=Status.SUCCEEDED, result={"rows": 2})
DEAD = Outcome(what="bury", status=Status.DEAD, error="no luck")


@asynccontextmanager
async def process(
    store: Store, fanout: Fanout, heartbeat: float = 3600
) -> AsyncGenerator[tuple[Queue, TaskChanges]]:
    """What a process has; by default it never looks unless it is told."""
    queue = Queue(store, {}, in_process=True)
    settings = EventSettings(event_heartbeat_seconds=heartbeat)
    async with open_changes(settings, queue, fanout) as changes:
        yield queue, changes


Parts = tuple[Store, Fanout]


@pytest.fixture(params=["one process", "two processes"])
def parts(request: pytest.FixtureRequest) -> tuple[Parts, Parts]:
    """What the process stands on that runs tasks, and the one with those who follow."""
    settings = queue_settings()
    if request.param == "one process":
        one = MemoryStore(settings), Fanout()
        return one, one
    found = map(request.getfixturevalue, ("redis", "shared", "another_redis", "another_shared"))
    redis, shared, another, another_shared = found
    return (RedisStore(redis, settings), shared), (RedisStore(another, settings), another_shared)


@pytest.fixture
async def processes(parts: tuple[Parts, Parts]) -> AsyncGenerator[tuple[Queue, TaskChanges]]:
    """The queue of the process that runs tasks, and those who follow in the same or another."""
    async with process(*parts[0]) as (queue, _), process(*parts[1]) as (_, changes):
        yield queue, changes


@pytest.fixture
async def alone() -> AsyncGenerator[tuple[Queue, TaskChanges]]:
    """A process whose heart beats all the time."""
    async with process(MemoryStore(queue_settings()), Fanout(), heartbeat=0.01) as own:
        yield own


@asynccontextmanager
async def following(queue: Queue, changes: TaskChanges) -> AsyncGenerator[AsyncGenerator[bytes]]:
    """A stream that is open."""
    task = await queue.get("1")
    async with asyncio.timeout(PATIENCE), aclosing(changes.follow(task)) as frames:
        yield frames


async def state(frames: AsyncGenerator[bytes]) -> dict[str, Any]:
    """The next state that is told; heartbeats are passed over."""
    while (frame := await anext(frames)) == HEARTBEAT:
        pass
    event, data = frame.decode().strip().split("\n")
    assert event == "event: task"
    found: dict[str, Any] = json.loads(data.removeprefix("data: "))
    return found


async def start(queue: Queue) -> None:
    await queue.add(new_task())
    (task,) = await queue.store.take(QUEUES, 1)
    assert task.task_id == "1"


async def end(queue: Queue, outcome: Outcome) -> None:
    assert await queue.store.end(await queue.get("1"), outcome)


async def test_its_state_and_each_change_up_to_its_end(
    processes: tuple[Queue, TaskChanges],
) -> None:
    queue, changes = processes
    await queue.add(new_task())
    async with following(queue, changes) as frames:
        waiting = await state(frames)
        (task,) = await queue.store.take(QUEUES, 1)
        await queue.announce("1")
        running = await state(frames)
        await queue.store.report(task, 0.5)
        await queue.announce("1")
        halfway = await state(frames)
        await queue.store.end(task, DONE)
        await queue.announce("1")
        done = await state(frames)
        rest = [frame async for frame in frames]

    assert waiting["status"] == "queued"
    assert (running["status"], running["progress"], running["attempts"]) == ("running", 0, 1)
    assert (halfway["status"], halfway["progress"]) == ("running", 0.5)
    assert (done["status"], done["result"]) == ("succeeded", {"rows": 2})
    assert done["finished_at"] is not None
    assert rest == []


async def test_all_who_follow_are_told(processes: tuple[Queue, TaskChanges]) -> None:
    queue, changes = processes
    await start(queue)
    async with following(queue, changes) as one, following(queue, changes) as other:
        seen = [(await state(frames))["status"] for frames in (one, other)]
        both = asyncio.gather(state(one), state(other))
        await end(queue, DEAD)
        await queue.announce("1")

        assert seen == ["running", "running"]
        assert [each["status"] for each in await both] == ["dead", "dead"]


async def test_one_that_has_ended_tells_it_and_ends(alone: tuple[Queue, TaskChanges]) -> None:
    queue, changes = alone
    await start(queue)
    await end(queue, DONE)
    async with following(queue, changes) as frames:
        assert (await state(frames))["status"] == "succeeded"
        assert [frame async for frame in frames] == []


async def test_what_nobody_told_is_seen_at_the_next_heartbeat(
    alone: tuple[Queue, TaskChanges],
) -> None:
    queue, changes = alone
    await start(queue)
    async with following(queue, changes) as frames:
        await anext(frames)
        assert await anext(frames) == HEARTBEAT
        await end(queue, DEAD)

        assert (await state(frames))["status"] == "dead"


async def test_what_an_outage_has_swallowed_is_seen_at_its_end(
    processes: tuple[Queue, TaskChanges],
) -> None:
    queue, changes = processes
    await start(queue)
    async with following(queue, changes) as frames:
        await anext(frames)
        ended = asyncio.create_task(state(frames))
        await until(lambda: sleeps(changes))
        await end(queue, DEAD)
        changes._fanout._confirm("tasks:1")

        assert (await ended)["status"] == "dead"


async def test_a_queue_that_is_silent_for_a_while_ends_nothing(
    alone: tuple[Queue, TaskChanges], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, changes = alone
    await start(queue)
    async with following(queue, changes) as frames:
        await anext(frames)
        with monkeypatch.context() as silence:

            async def get(_task_id: str) -> None:
                raise Unavailable("The queue does not answer.")

            silence.setattr(queue.store, "get", get)
            assert [await anext(frames) for _ in range(2)] == [HEARTBEAT, HEARTBEAT]
        await end(queue, DONE)

        assert (await state(frames))["status"] == "succeeded"


async def test_one_that_nobody_knows_any_more(
    alone: tuple[Queue, TaskChanges], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, changes = alone
    await start(queue)
    async with following(queue, changes) as frames:
        await anext(frames)

        async def get(_task_id: str) -> None:
            """There was a task of that name, once."""

        monkeypatch.setattr(queue.store, "get", get)
        assert {frame async for frame in frames} <= {HEARTBEAT}


async def test_all_streams_end_with_the_service(processes: tuple[Queue, TaskChanges]) -> None:
    queue, changes = processes
    await start(queue)
    async with following(queue, changes) as frames:
        await anext(frames)
        last = asyncio.create_task(anext(frames))
        await until(lambda: sleeps(changes))
        changes.close()

        assert (await last).startswith(b": closing\nretry: ")
        assert [frame async for frame in frames] == []


def sleeps(changes: TaskChanges) -> bool:
    """Whether the one who follows has looked, and waits for something new."""
    followers = changes._followed.get("1")
    return followers is not None and not any(bell.is_set() for bell in followers.bells)


async def test_who_leaves_leaves_nothing(alone: tuple[Queue, TaskChanges]) -> None:
    queue, changes = alone
    await start(queue)
    for _ in range(2):
        async with following(queue, changes) as one, following(queue, changes) as other:
            for frames in (one, other, one, other):
                await anext(frames)
            assert changes._followed
        assert not changes._followed
        assert not changes._fanout._listeners


async def test_one_that_listens_badly_stops_nothing(
    alone: tuple[Queue, TaskChanges], caplog: pytest.LogCaptureFixture
) -> None:
    queue, _ = alone

    async def fail(_task_id: str) -> None:
        raise ValueError("no luck")

    queue.listeners.insert(0, fail)
    await start(queue)
    await queue.announce("1")

    assert "task_listener_failed" in caplog.text
