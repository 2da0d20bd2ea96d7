"""What ended long ago is forgotten."""

from app.core.queue.memory import MemoryStore
from app.core.queue.record import Outcome, Status
from tests.queue.stores import QUEUES, new_task, queue_settings

DEAD = Outcome(what="bury", status=Status.DEAD, error="no luck")


async def test_what_ended_long_ago_is_forgotten() -> None:
    store = MemoryStore(queue_settings())
    for number in range(3):
        await store.add(new_task(str(number)))
    for taken in await store.take(QUEUES, 3):
        await store.end(taken, DEAD)
    await store.replay("2")
    store._ending = [(0, task_id) for _, task_id in store._ending[1:]]

    await store.add(new_task("4"))

    known = [await store.get(str(number)) is not None for number in range(3)]
    assert known == [True, False, True]
    assert [letter.task.task_id for letter in await store.dead(0, 10)] == ["0"]
