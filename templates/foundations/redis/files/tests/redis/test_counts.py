"""Counts are exact, end in time, and go on in the process while Redis is silent."""

import asyncio
from time import time

import pytest

from app.core.counts import Counts
from app.core.redis.connection import SharedRedis


@pytest.fixture(params=["in memory", "in Redis"])
def counts(request: pytest.FixtureRequest) -> Counts:
    in_redis = request.param == "in Redis"
    return Counts(request.getfixturevalue("redis") if in_redis else None)


async def test_they_count(counts: Counts) -> None:
    assert await counts.get("a") == 0

    assert [await counts.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert await counts.incr("a", 60, amount=5) == 8

    assert await counts.get("a") == 8
    assert 50 < await counts.get_expiry("a") - time() <= 61
    assert await counts.check()


async def test_they_can_be_cleared(counts: Counts) -> None:
    await counts.incr("a", 60)

    await counts.clear("a")

    assert await counts.get("a") == 0
    with pytest.raises(NotImplementedError):
        await counts.reset()


async def test_two_processes_count_together(redis: SharedRedis, another_redis: SharedRedis) -> None:
    both = [Counts(redis), Counts(another_redis)]

    found = await asyncio.gather(*(counts.incr("a", 60) for counts in both * 20))

    assert sorted(found) == list(range(1, 41))


@pytest.mark.parametrize("command", [("SET", "rubbish"), ("RPUSH", "1"), ("SET", "7")])
async def test_what_is_no_count_with_an_end_starts_again(
    redis: SharedRedis, command: tuple[str, str]
) -> None:
    key = f"{redis.prefix}:a"
    await redis.ask(command[0], key, command[1])

    assert [await Counts(redis).incr("a", 60) for _ in range(2)] == [1, 2]
    assert await redis.ask("PTTL", key) > 0


async def test_while_redis_is_silent_the_process_counts(redis: SharedRedis) -> None:
    counts = Counts(redis)
    await counts.incr("a", 60)

    redis._breaker.failed(TimeoutError())

    assert [await counts.incr("a", 60) for _ in range(2)] == [1, 2]
    assert not await counts.check()
