"""What a store promises, in the memory of a process or in Redis alike."""

from dataclasses import replace

import pytest

from app.core.errors import Unavailable
from app.core.queue.record import Outcome, Status
from app.core.queue.store import Store
from tests.queue.stores import QUEUES, new_task

DONE = Outcome(what="finish", status=Status.SUCCEEDED, result={"rows": 2})
DEAD = Outcome(what="bury", status=Status.DEAD, error="no luck")


async def test_what_was_accepted_is_there(task_store: Store) -> None:
    task = new_task(owner_id=7)

    assert await task_store.add(task) == task
    assert await task_store.get("1") == task
    assert await task_store.get("2") is None


async def test_the_same_id_is_the_same_task(task_store: Store) -> None:
    first = await task_store.add(new_task())

    assert await task_store.add(new_task(args={})) == first
    assert len(await task_store.take(QUEUES, 10)) == 1


async def test_a_full_queue_accepts_nothing(task_store: Store) -> None:
    for number in range(3):
        await task_store.add(new_task(str(number)))

    with pytest.raises(Unavailable):
        await task_store.add(new_task("4"))
    assert await task_store.get("4") is None
    assert (await task_store.add(new_task("5", queue="high"))).task_id == "5"


async def test_queues_that_come_first_are_emptied_first(task_store: Store) -> None:
    for queue in reversed(QUEUES):
        await task_store.add(new_task(queue, queue=queue))

    assert [task.task_id for task in await task_store.take(QUEUES, 2)] == ["high", "default"]
    assert [task.task_id for task in await task_store.take(["high"], 2)] == []
    assert [task.task_id for task in await task_store.take(QUEUES, 2)] == ["low"]


async def test_what_is_taken_runs_and_is_not_there_for_others(task_store: Store) -> None:
    await task_store.add(new_task())

    (taken,) = await task_store.take(QUEUES, 1)

    assert (taken.status, taken.attempts) == (Status.RUNNING, 1)
    assert await task_store.get("1") == taken
    assert await task_store.take(QUEUES, 1) == []
    assert await task_store.extend([taken]) == []


async def test_progress_and_result(task_store: Store) -> None:
    await task_store.add(new_task())
    (taken,) = await task_store.take(QUEUES, 1)

    await task_store.report(taken, 0.5)
    halfway = await task_store.get("1")
    assert await task_store.end(taken, DONE)
    ended = await task_store.get("1")

    assert halfway is not None
    assert halfway.progress == 0.5
    assert ended is not None
    assert ended.finished_at is not None
    assert (ended.status, ended.progress, ended.result) == (Status.SUCCEEDED, 1, {"rows": 2})
    assert await task_store.take(QUEUES, 1) == []


async def test_who_lost_it_has_nothing_to_say(task_store: Store) -> None:
    await task_store.add(new_task())
    (taken,) = await task_store.take(QUEUES, 1)
    old = replace(taken, number=taken.number - 1)

    await task_store.report(old, 0.5)

    assert await task_store.extend([old]) == ["1"]
    assert not await task_store.end(old, DONE)
    assert await task_store.get("1") == taken


async def test_after_an_error_it_waits(task_store: Store) -> None:
    await task_store.add(new_task())
    (taken,) = await task_store.take(QUEUES, 1)
    await task_store.end(taken, Outcome(what="retry", error="no luck", seconds=3600))

    waiting = await task_store.get("1")

    assert waiting is not None
    assert (waiting.status, waiting.error, waiting.failures) == (Status.QUEUED, "no luck", 1)
    assert await task_store.take(QUEUES, 1) == []


async def test_and_runs_again(task_store: Store) -> None:
    await task_store.add(new_task())
    (taken,) = await task_store.take(QUEUES, 1)
    await task_store.end(taken, Outcome(what="retry", error="no luck", seconds=0))

    await task_store.wait(0.01)
    (again,) = await task_store.take(QUEUES, 1)

    assert (again.attempts, again.failures) == (2, 1)


async def test_put_back_is_as_if_never_started(task_store: Store) -> None:
    await task_store.add(new_task())
    (taken,) = await task_store.take(QUEUES, 1)
    await task_store.end(taken, Outcome(what="put back"))

    (again,) = await task_store.take(QUEUES, 1)

    assert (again.attempts, again.failures) == (1, 0)


async def test_the_dead_are_listed_and_replayed(task_store: Store) -> None:
    for number in range(3):
        await task_store.add(new_task(str(number)))
    for taken in await task_store.take(QUEUES, 3):
        await task_store.end(taken, DEAD)

    first, second = await task_store.dead(0, 2)
    (third,) = await task_store.dead(second.id, 2)
    replayed = await task_store.replay("1")
    (again,) = await task_store.take(QUEUES, 3)

    assert [letter.task.task_id for letter in (first, second, third)] == ["0", "1", "2"]
    assert (first.task.status, first.task.error) == (Status.DEAD, "no luck")
    assert replayed
    assert (again.task_id, again.error, again.finished_at) == ("1", None, None)
    assert [letter.task.task_id for letter in await task_store.dead(0, 10)] == ["0", "2"]
    assert not await task_store.replay("1")


async def test_whoever_waits_is_woken(task_store: Store) -> None:
    await task_store.add(new_task())

    await task_store.wait(3600)

    assert len(await task_store.take(QUEUES, 1)) == 1
