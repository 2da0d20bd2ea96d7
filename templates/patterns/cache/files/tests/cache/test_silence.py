"""While Redis is silent the source answers, and what changes meanwhile is not forgotten."""

import asyncio

import pytest

from app.core.cache.cache import Cache
from app.core.cache.shared import SharedStore
from app.core.redis.connection import SharedRedis
from tests.cache.processes import TAGS, Source, fetch, settings
from tests.redis.faults import down
from tests.waiting import until


async def test_everybody_is_served_by_the_source() -> None:
    source = Source()
    async with down() as redis:
        cache = Cache(SharedStore(redis), settings())

        assert [await fetch(cache, source) for _ in range(3)] == [b"1"] * 3
    assert source.loads == 3
    assert cache.counts == {"bypassed": 3}


async def test_a_crowd_is_one_load_of_its_process() -> None:
    """And who comes after a change does not get what was before it."""
    source = Source(waits=True)
    async with down() as redis:
        cache = Cache(SharedStore(redis), settings())
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


async def test_a_change_is_told_before_anything_is_read(
    processes: list[Cache], redis: SharedRedis
) -> None:
    source = Source()
    await fetch(processes[0], source)
    source.value = b"2"

    redis._breaker.failed(TimeoutError())
    await processes[0].invalidate(frozenset(TAGS))
    assert await fetch(processes[0], source) == b"2"
    redis._breaker.answered()

    assert await fetch(processes[0], source) == b"2"
    assert await fetch(processes[1], source) == b"2"
    await processes[0].aclose()


async def test_a_change_is_told_even_if_nobody_reads(
    processes: list[Cache], redis: SharedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.cache.invalidations.PAUSE_SECONDS", 0.01)
    source = Source()
    await fetch(processes[1], source)
    source.value = b"2"

    redis._breaker.failed(TimeoutError())
    await processes[0].invalidate(frozenset(TAGS))
    await asyncio.sleep(0.05)
    assert await fetch(processes[1], source) == b"1"
    redis._breaker.answered()

    await until(lambda: not processes[0]._invalidations._pending)
    assert await fetch(processes[1], source) == b"2"


async def test_midway(redis: SharedRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis falls silent while something is loaded, or while another is waited for."""
    source = Source(waits=True)
    first = asyncio.ensure_future(fetch(Cache(SharedStore(redis), settings()), source))
    await source.begun.wait()
    second = asyncio.ensure_future(fetch(Cache(SharedStore(redis), settings()), source))
    await asyncio.sleep(0.05)
    # An answer that is on its way must not end the silence.
    monkeypatch.setattr(redis._breaker, "lets_pass", lambda: False)
    source.go_on.set()

    assert [await first, await second] == [b"1", b"1"]
    assert source.loads == 2
