"""Workers that die, and a Redis that does."""

from collections.abc import Sequence

import pytest

from app.core.errors import Unavailable
from app.core.queue.record import DeadLetter, Outcome, Status
from app.core.queue.shared import RedisStore
from app.redis.client import RedisClient
from tests.queue.stores import QUEUES, new_task, queue_settings
from tests.redis.faults import down
from tests.waiting import until

DONE = Outcome(what="finish", status=Status.SUCCEEDED)


async def taken_again(store: RedisStore) -> int:
    """How often it was started, once its lease is over."""
    (again,) = await until(lambda: store.take(QUEUES, 1))
    return int(again.attempts)


async def test_a_lease_keeps_others_away(redis: RedisClient, another_redis: RedisClient) -> None:
    one = RedisStore(redis, queue_settings())
    other = RedisStore(another_redis, queue_settings())
    await one.add(new_task())
    (taken,) = await one.take(QUEUES, 1)

    assert await other.take(QUEUES, 1) == []
    assert await one.end(taken, DONE)


async def test_when_it_is_over_the_task_runs_again(
    lapsing_store: RedisStore, another_redis: RedisClient
) -> None:
    other = RedisStore(another_redis, queue_settings(queue_lease_seconds=0.001))
    await lapsing_store.add(new_task())
    (taken,) = await lapsing_store.take(QUEUES, 1)

    assert await taken_again(other) == 2
    assert await lapsing_store.extend([taken]) == ["1"]
    assert not await lapsing_store.end(taken, DONE)


async def test_a_task_that_ends_its_workers_is_buried(lapsing_store: RedisStore) -> None:
    await lapsing_store.add(new_task())
    await lapsing_store.take(QUEUES, 1)
    await taken_again(lapsing_store)
    await taken_again(lapsing_store)

    async def buried() -> Sequence[DeadLetter]:
        assert await lapsing_store.take(QUEUES, 1) == []
        return await lapsing_store.dead(0, 10)

    letters = await until(buried)
    assert (letters[0].task.crashes, letters[0].task.attempts) == (3, 3)
    assert letters[0].task.error == "Its workers ended while they ran it."


async def test_nothing_is_left_of_what_is_done(redis: RedisClient) -> None:
    store = RedisStore(redis, queue_settings())
    await store.add(new_task())
    (taken,) = await store.take(QUEUES, 1)
    await store.end(taken, DONE)

    assert await redis.client.xlen(f"{redis.prefix}:queue:stream:default") == 0
    assert 0 < await redis.client.ttl(f"{redis.prefix}:queue:task:1") <= 86_400


async def test_what_expired_is_not_listed(redis: RedisClient) -> None:
    store = RedisStore(redis, queue_settings())
    await store.add(new_task())
    (taken,) = await store.take(QUEUES, 1)
    await store.end(taken, Outcome(what="bury", status=Status.DEAD, error="no luck"))
    await redis.client.delete(f"{redis.prefix}:queue:task:1")

    assert await store.dead(0, 10) == []
    assert not await store.replay("1")


async def test_without_an_answer_nothing_is_accepted() -> None:
    async with down() as redis:
        store = RedisStore(redis, queue_settings())

        with pytest.raises(Unavailable):
            await store.add(new_task())
        await store.wait(0.001)
