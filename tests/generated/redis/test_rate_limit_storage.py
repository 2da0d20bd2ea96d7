"""Rate limits: exact counts that expire, and counts per process during an outage."""

import asyncio
from time import time

import pytest

from app.redis.client import RedisClient
from app.redis.rate_limit_storage import RateLimitStorage


@pytest.fixture(params=["in memory", "in Redis"])
def storage(request: pytest.FixtureRequest) -> RateLimitStorage:
    in_redis = request.param == "in Redis"
    return RateLimitStorage(request.getfixturevalue("redis") if in_redis else None)


async def test_counts(storage: RateLimitStorage) -> None:
    assert await storage.get("a") == 0

    assert [await storage.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert await storage.incr("a", 60, amount=5) == 8

    assert await storage.get("a") == 8
    assert 50 < await storage.get_expiry("a") - time() <= 61
    assert await storage.check()


async def test_a_cleared_count_starts_again(storage: RateLimitStorage) -> None:
    await storage.incr("a", 60)

    await storage.clear("a")

    assert await storage.get("a") == 0
    with pytest.raises(NotImplementedError):
        await storage.reset()


async def test_processes_count_together(redis: RedisClient, another_redis: RedisClient) -> None:
    both = [RateLimitStorage(redis), RateLimitStorage(another_redis)]

    found = await asyncio.gather(*(storage.incr("a", 60) for storage in both * 20))

    assert sorted(found) == list(range(1, 41))


@pytest.mark.parametrize("command", [("SET", "rubbish"), ("RPUSH", "1")])
async def test_a_value_that_is_no_number_is_replaced(
    redis: RedisClient, command: tuple[str, str]
) -> None:
    key = f"{redis.prefix}:a"
    await redis.execute(command[0], key, command[1])

    assert [await RateLimitStorage(redis).incr("a", 60) for _ in range(2)] == [1, 2]
    assert await redis.execute("PTTL", key) > 0
    assert not redis._breaker.is_open


async def test_during_an_outage_the_process_counts(redis: RedisClient) -> None:
    storage = RateLimitStorage(redis)
    await storage.incr("a", 60)

    redis._breaker.record_failure(TimeoutError())

    assert [await storage.incr("a", 60) for _ in range(2)] == [1, 2]
    assert await storage.check()
