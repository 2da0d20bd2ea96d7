"""During Redis outages the source answers, and invalidations wait."""

import asyncio

import pytest

from app.cache.cache import Cache
from app.cache.store import RedisStore
from app.redis.client import RedisClient
from tests.insides.cache.processes import TAGS, Source, fetch, settings
from tests.insides.redis.faults import down
from tests.waiting import until


async def test_requests_go_to_the_source() -> None:
    source = Source()
    async with down() as redis:
        cache = Cache(RedisStore(redis), settings())

        assert [await fetch(cache, source) for _ in range(3)] == [b"1"] * 3
    assert source.loads == 3
    assert cache.counts == {"bypassed": 3}


async def test_simultaneous_requests_of_a_process_are_one_load() -> None:
    """Requests after a change do not share a load that began before it."""
    source = Source(waits=True)
    async with down() as redis:
        cache = Cache(RedisStore(redis), settings())
        crowd = [asyncio.ensure_future(fetch(cache, source)) for _ in range(50)]
        await until(lambda: cache.counts["bypassed"] == 50)
        source.value = b"2"
        await cache.invalidate(frozenset(TAGS))
        later = asyncio.ensure_future(fetch(cache, source))
        await until(lambda: source.loads == 2)
        source.go_on.set()

        assert set(await asyncio.gather(*crowd)) == {b"1"}
        assert await later == b"2"
        assert source.loads == 2
        await cache.aclose()


async def test_an_invalidation_is_sent_before_the_next_read(
    processes: list[Cache], redis: RedisClient
) -> None:
    source = Source()
    await fetch(processes[0], source)
    source.value = b"2"

    redis._breaker.record_failure(TimeoutError())
    await processes[0].invalidate(frozenset(TAGS))
    assert await fetch(processes[0], source) == b"2"
    redis._breaker.record_success()

    assert await fetch(processes[0], source) == b"2"
    assert await fetch(processes[1], source) == b"2"
    await processes[0].aclose()


async def test_an_invalidation_is_sent_without_a_read(
    processes: list[Cache], redis: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cache.tagged_store.RETRY_SECONDS", 0.01)
    source = Source()
    await fetch(processes[1], source)
    source.value = b"2"

    with monkeypatch.context() as outage:
        outage.setattr(redis._breaker, "allows", lambda: False)
        await processes[0].invalidate(frozenset(TAGS))
        await asyncio.sleep(0.05)
        assert await fetch(processes[1], source) == b"1"

    await until(lambda: not processes[0]._store._pending)
    assert await fetch(processes[1], source) == b"2"


async def test_an_outage_begins_during_a_load(
    redis: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process loads, another one waits for it."""
    source = Source(waits=True)
    first = asyncio.ensure_future(fetch(Cache(RedisStore(redis), settings()), source))
    await source.begun.wait()
    second = asyncio.ensure_future(fetch(Cache(RedisStore(redis), settings()), source))
    await asyncio.sleep(0.05)
    # A late reply must not end the outage.
    monkeypatch.setattr(redis._breaker, "allows", lambda: False)
    source.go_on.set()

    assert [await first, await second] == [b"1", b"1"]
    assert source.loads == 2
