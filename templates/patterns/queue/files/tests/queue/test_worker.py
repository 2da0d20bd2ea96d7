"""What a worker makes of how tasks end."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.core.errors import Conflict, Unavailable
from app.core.queue.memory import MemoryStore
from app.core.queue.queue import Queue
from app.core.queue.record import Outcome, Status, TaskRecord
from app.core.queue.task import Task, task
from app.core.queue.worker import Worker
from tests.queue.stores import QUEUES, new_task, queue_settings
from tests.waiting import until

Call = Callable[[TaskRecord], Awaitable[object]]


@task(retries=1, backoff=0)
async def greet() -> None:
    """What the calls of these tests stand for."""


@asynccontextmanager
async def working(
    call: Call, store: MemoryStore | None = None, grace: float = 60, **settings: Any
) -> AsyncGenerator[MemoryStore]:
    """A store, and a worker that is stopped at the end of the block."""
    limits = queue_settings(queue_poll_seconds=0.01, **settings)
    store = store or MemoryStore(limits)
    stopping = asyncio.Event()
    worker = Worker(Queue(store, {"greet": greet}, in_process=True), call, limits)
    running = asyncio.create_task(worker.run(stopping, grace))
    try:
        yield store
    finally:
        stopping.set()
        await running


async def status(store: MemoryStore, *wanted: Status) -> TaskRecord:
    async def look() -> TaskRecord | None:
        record = await store.get("1")
        return record if record is not None and record.status in wanted else None

    found: TaskRecord = await until(look)
    return found


async def test_it_succeeds() -> None:
    async def call(record: TaskRecord) -> object:
        return record.args

    async with working(call) as store:
        await store.add(new_task())
        ended = await status(store, Status.SUCCEEDED)

    assert ended.result == {"name": "Ann"}


async def test_it_is_tried_again_and_then_given_up(caplog: pytest.LogCaptureFixture) -> None:
    async def call(_record: TaskRecord) -> object:
        raise ValueError("no luck" * 1000)

    async with working(call) as store:
        await store.add(new_task())
        ended = await status(store, Status.DEAD)

    assert (ended.attempts, ended.failures) == (2, 1)
    assert (ended.error or "").startswith("ValueError: no luck")
    assert len(ended.error or "") == 500
    assert caplog.text.count("task_failed") == 2


async def test_a_result_is_json_or_an_error() -> None:
    async def call(record: TaskRecord) -> object:
        return {"at": record.created_at} if record.failures else object()

    async with working(call) as store:
        await store.add(new_task())
        ended = await status(store, Status.SUCCEEDED)

    assert ended.result == {"at": "2030-01-01T00:00:00Z"}
    assert ended.failures == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [(Conflict("Never."), Status.FAILED), (Unavailable("Not now."), Status.DEAD)],
)
async def test_a_refusal_is_for_good(error: Exception, expected: Status) -> None:
    async def call(_record: TaskRecord) -> object:
        raise error

    async with working(call) as store:
        await store.add(new_task())
        ended = await status(store, Status.FAILED, Status.DEAD)

    assert (ended.status, ended.error) == (expected, str(error))


async def test_what_it_does_not_know_waits_for_another() -> None:
    async def call(record: TaskRecord) -> object:
        raise KeyError(record.name)

    async with working(call) as store:
        await store.add(new_task(name="of the next version"))
        waiting = await until(lambda: failed_once(store))

    assert waiting.status is Status.QUEUED


async def failed_once(store: MemoryStore) -> TaskRecord | None:
    record = await store.get("1")
    return record if record is not None and record.failures else None


async def test_no_more_than_it_can() -> None:
    started: list[str] = []
    goes_on = asyncio.Event()

    async def call(record: TaskRecord) -> object:
        started.append(record.task_id)
        return await goes_on.wait()

    async with working(call, queue_concurrency=2) as store:
        for number in range(3):
            await store.add(new_task(str(number)))
        await until(lambda: len(started) == 2)
        await asyncio.sleep(0.02)
        assert started == ["0", "1"]
        goes_on.set()
        await until(lambda: len(started) == 3)


async def test_no_faster_than_it_may() -> None:
    started: list[str] = []

    async def call(record: TaskRecord) -> object:
        started.append(record.task_id)
        return None

    async with working(call, queue_rate_per_second=0.001) as store:
        for number in range(3):
            await store.add(new_task(str(number)))
        await until(lambda: len(started) == 1)
        await asyncio.sleep(0.02)

    assert started == ["0"]


async def test_at_a_stop_it_finishes_what_runs() -> None:
    goes_on = asyncio.Event()

    async def call(_record: TaskRecord) -> object:
        return await goes_on.wait()

    async with working(call) as store:
        await store.add(new_task())
        await status(store, Status.RUNNING)
        asyncio.get_running_loop().call_later(0.02, goes_on.set)

    assert (await status(store, Status.SUCCEEDED)).result is True


async def test_or_puts_it_back() -> None:
    async def call(_record: TaskRecord) -> object:
        return await asyncio.Event().wait()

    async with working(call, grace=0.1) as store:
        await store.add(new_task())
        await status(store, Status.RUNNING)

    assert (await status(store, Status.QUEUED)).attempts == 0


async def test_what_another_has_taken_over_is_left_to_it() -> None:
    ended: list[BaseException] = []

    async def call(_record: TaskRecord) -> object:
        try:
            return await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            ended.append(error)
            raise

    async with working(call, queue_lease_seconds=0.03) as store:
        await store.add(new_task())
        taken = await status(store, Status.RUNNING)
        await store.end(taken, Outcome(what="finish", status=Status.SUCCEEDED))
        await until(lambda: ended)

    assert (await status(store, Status.SUCCEEDED)).attempts == 1


class Hiccups(MemoryStore):
    """Silent at the first call of each kind."""

    def __init__(self) -> None:
        super().__init__(queue_settings())
        self.silent = {"take", "end"}

    def hiccup(self, name: str) -> None:
        if name in self.silent:
            self.silent.remove(name)
            raise Unavailable("Not now.")

    async def take(self, queues: Any, limit: int) -> Any:
        self.hiccup("take")
        return await super().take(queues, limit)

    async def end(self, record: TaskRecord, outcome: Outcome) -> bool:
        self.hiccup("end")
        return await super().end(record, outcome)


async def test_it_outlives_a_silent_store() -> None:
    async def call(_record: TaskRecord) -> object:
        return "done"

    async with working(call, store=Hiccups()) as store:
        await store.add(new_task())
        assert (await status(store, Status.SUCCEEDED)).result == "done"


def test_pauses_double_and_are_bounded() -> None:
    each = Task(
        name="each",
        function=greet.function,
        arguments=greet.arguments,
        queue="default",
        retries=3,
        backoff=1,
        longest_backoff=10,
        timeout=1,
        cron=None,
        exposed=False,
        scopes=(),
    )

    for failures, longest in ((1, 1), (2, 2), (3, 4), (9, 10), (5000, 10)):
        assert longest / 2 <= each.pause(failures) <= longest


def test_queues_are_those_of_the_settings() -> None:
    assert queue_settings().queue_names == QUEUES
    for names in ("high", "default,default"):
        with pytest.raises(ValueError, match="default"):
            queue_settings(queue_names=names)
