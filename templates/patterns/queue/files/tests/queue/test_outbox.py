"""Tasks that belong to a write are enqueued with its commit, and only then."""

import pytest

from app.core.errors import NotFound, Unavailable
from app.core.queue.memory import MemoryStore
from app.core.queue.queue import Queue
from app.core.queue.record import TaskRecord
from app.core.queue.task import load_tasks
from app.db.database import Database
from app.db.sessions import Session
from app.repositories.outbox import OutboxRepository
from app.services.outbox import Outbox, relay
from tests.queue.stores import QUEUES, queue_settings
from tests.queue.tasks.examples import Greeting

ANN, BOB = Greeting(name="Ann"), Greeting(name="Bob")


class Switched(MemoryStore):
    """Can be silent."""

    is_silent = False

    async def add(self, record: TaskRecord) -> TaskRecord:
        if self.is_silent:
            raise Unavailable("Not now.")
        return await super().add(record)

    async def get(self, task_id: str) -> TaskRecord | None:
        if self.is_silent:
            raise Unavailable("Not now.")
        return await super().get(task_id)


@pytest.fixture
def switched() -> Switched:
    return Switched(queue_settings())


@pytest.fixture
def queue(tasks_of_tests: None, switched: Switched) -> Queue:
    return Queue(switched, load_tasks(), in_process=True)


async def names(queue: Queue) -> list[str]:
    """Whom the tasks in the queue greet."""
    return [task.args["name"] for task in await queue.store.take(QUEUES, 100)]


async def test_enqueued_after_the_commit(database: Database, queue: Queue) -> None:
    async with database.session() as session:
        task = await Outbox(session, queue).put("greet", ANN, owner_id=7)
        assert await relay(database, queue) == 0
        assert not queue.news.is_set()

    assert queue.news.is_set()
    assert await relay(database, queue) == 1
    assert await relay(database, queue) == 0
    enqueued = await queue.get(task.task_id)
    assert (enqueued.args, enqueued.owner_id) == ({"name": "Ann"}, 7)


async def test_not_after_a_rollback(database: Database, queue: Queue) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.session() as session:
            await Outbox(session, queue).put("greet", ANN)
            raise ZeroDivisionError

    assert not queue.news.is_set()
    assert await relay(database, queue) == 0


async def test_it_stays_until_the_queue_answers(
    database: Database, queue: Queue, switched: Switched
) -> None:
    async with database.session() as session:
        await Outbox(session, queue).put("greet", ANN)
    switched.is_silent = True

    with pytest.raises(Unavailable):
        await relay(database, queue)
    switched.is_silent = False
    assert await relay(database, queue) == 1
    assert await names(queue) == ["Ann"]


async def test_brought_twice_it_is_there_once(database: Database, queue: Queue) -> None:
    async with database.session() as session:
        task = await Outbox(session, queue).put("greet", ANN)
    await queue.add(task)

    await relay(database, queue)

    assert await names(queue) == ["Ann"]


async def test_of_one_key_the_first_counts(database: Database, queue: Queue) -> None:
    async with database.session() as session:
        outbox = Outbox(session, queue)
        first = await outbox.put("greet", ANN, key="1")
        second = await outbox.put("greet", BOB, key="1")

    await relay(database, queue)

    assert first.task_id == second.task_id
    assert await names(queue) == ["Ann"]
    assert await OutboxRepository(database.read_session()).list_after(0, 1) == []


async def test_what_nobody_knows_is_refused(session: Session, queue: Queue) -> None:
    with pytest.raises(NotFound):
        await Outbox(session, queue).put("nonsense")
