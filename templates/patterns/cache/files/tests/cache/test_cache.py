"""What is wanted often is loaded once, and never given when it is not true any more."""

import asyncio
from functools import partial

import pytest

from app.core.cache.cache import Cache
from app.core.cache.memory import MemoryStore
from app.core.cache.shared import SharedStore
from app.core.errors import NotFound, Unavailable
from app.core.redis.connection import SharedRedis
from tests.cache.processes import TAGS, Source, fetch, settings
from tests.waiting import PATIENCE, until


async def test_loaded_once(cache: Cache) -> None:
    source = Source()

    assert [await fetch(cache, source) for _ in range(3)] == [b"1"] * 3
    assert source.loads == 1
    assert cache.counts == {"hits": 2, "misses": 1, "loads": 1}


async def test_of_two_hundred_that_miss_one_loads(cache: Cache) -> None:
    source = Source(waits=True)
    wanting = [asyncio.ensure_future(fetch(cache, source)) for _ in range(200)]
    await source.begun.wait()
    source.go_on.set()

    assert set(await asyncio.gather(*wanting)) == {b"1"}
    assert source.loads == 1


async def test_of_two_processes_that_miss_one_loads(processes: list[Cache]) -> None:
    source = Source(waits=True)
    wanting = [
        asyncio.ensure_future(fetch(cache, source)) for cache in processes for _ in range(100)
    ]
    await source.begun.wait()
    await asyncio.sleep(0.1)
    source.go_on.set()

    assert set(await asyncio.gather(*wanting)) == {b"1"}
    assert source.loads == 1


async def test_one_that_was_killed_while_it_loaded_is_not_waited_for(redis: SharedRedis) -> None:
    cache = Cache(SharedStore(redis), settings(cache_wait_seconds=0.1))
    source = Source()
    await SharedStore(redis).look("a", TAGS, 600)

    async with asyncio.timeout(PATIENCE):
        assert await fetch(cache, source) == b"1"


async def test_a_task_is_done_whichever_request_was_given_it(
    redis: SharedRedis, another_redis: SharedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One waits for another process, which gives up just before somebody else looks."""
    monkeypatch.setattr("app.core.cache.cache.FIRST_LOOK", 0.5)
    cache = Cache(SharedStore(redis), settings(cache_wait_seconds=3600))
    source, other = Source(), SharedStore(another_redis)
    await other.look("a", TAGS, 3600)
    first = asyncio.ensure_future(fetch(cache, source))
    await until(lambda: cache.counts["misses"] == 1)
    other.release("a")
    await another_redis.ask("PING")

    async with asyncio.timeout(PATIENCE):
        assert await fetch(cache, source) == b"1"
        assert await first == b"1"
    assert source.loads == 1


async def test_a_change_is_seen_at_once_by_every_process(processes: list[Cache]) -> None:
    source = Source()
    for cache in processes:
        await fetch(cache, source)
    source.value = b"2"

    await processes[0].invalidate(frozenset(TAGS))

    assert [await fetch(cache, source) for cache in processes] == [b"2", b"2"]


async def test_what_was_loaded_during_a_change_is_given_to_nobody_after_it(cache: Cache) -> None:
    """Not even to those who come while it is still being loaded."""
    source = Source(waits=True)
    before = asyncio.ensure_future(fetch(cache, source))
    await source.begun.wait()
    source.value = b"2"
    await cache.invalidate(frozenset(TAGS))

    after = asyncio.ensure_future(fetch(cache, source))
    await asyncio.sleep(0.05)
    source.go_on.set()

    assert await before == b"1"
    assert await after == b"2"
    assert await fetch(cache, source) == b"2"


@pytest.fixture
async def old(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> Source:
    """The source of what has been kept for most of its time."""
    source = Source()
    monkeypatch.setattr("app.core.cache.entry.EARLY", -1)
    await fetch(cache, source)
    monkeypatch.undo()
    return source


async def test_what_is_old_is_loaded_anew_by_one(cache: Cache, old: Source) -> None:
    source = old
    source.go_on.clear()
    source.value = b"2"

    refreshing = asyncio.ensure_future(fetch(cache, source))
    await until(lambda: source.loads == 2)
    others = [await fetch(cache, source) for _ in range(3)]
    source.go_on.set()

    assert others == [b"1"] * 3
    assert await refreshing == b"2"
    assert await fetch(cache, source) == b"2"
    assert source.loads == 2


async def test_what_is_old_is_still_good_when_the_source_is_silent(
    cache: Cache, old: Source
) -> None:
    old.error = partial(Unavailable, "silent")

    assert await fetch(cache, old) == b"1"


async def test_what_does_not_exist_is_known_for_a_while(cache: Cache) -> None:
    source = Source()
    source.error = partial(NotFound, "Item 7 does not exist.")

    for _ in range(3):
        with pytest.raises(NotFound, match="Item 7 does not exist"):
            await fetch(cache, source)
    assert source.loads == 1

    source.error = None
    await cache.invalidate(frozenset(TAGS))
    assert await fetch(cache, source) == b"1"


async def test_an_error_is_for_all_that_wait_and_for_nobody_else(cache: Cache) -> None:
    source = Source(waits=True)
    source.error = partial(Unavailable, "silent")
    wanting = [asyncio.ensure_future(fetch(cache, source)) for _ in range(10)]
    await until(lambda: cache.counts["misses"] == 10)
    source.go_on.set()

    errors = await asyncio.gather(*wanting, return_exceptions=True)

    assert {type(error) for error in errors} == {Unavailable}
    assert source.loads == 1
    source.error = None
    assert await fetch(cache, source) == b"1"


async def test_if_the_one_that_loads_leaves_the_next_one_does(cache: Cache) -> None:
    source = Source(waits=True)
    leaving = asyncio.ensure_future(fetch(cache, source))
    await source.begun.wait()
    staying = [asyncio.ensure_future(fetch(cache, source)) for _ in range(5)]
    await until(lambda: cache.counts["misses"] == 6)
    leaving.cancel()
    source.go_on.set()

    assert await asyncio.gather(*staying) == [b"1"] * 5
    assert source.loads == 2


async def test_one_that_waits_may_leave(cache: Cache) -> None:
    source = Source(waits=True)
    loading = asyncio.ensure_future(fetch(cache, source))
    await source.begun.wait()
    leaving = asyncio.ensure_future(fetch(cache, source))
    await until(lambda: cache.counts["misses"] == 2)
    leaving.cancel()
    await asyncio.wait([leaving])
    source.go_on.set()

    assert leaving.cancelled()
    assert await loading == b"1"
    assert source.loads == 1


async def test_what_must_not_be_kept_is_not(cache: Cache) -> None:
    loads = 0

    async def load() -> None:
        nonlocal loads
        loads += 1

    for _ in range(3):
        assert await cache.fetch("a", load) is None
    assert loads == 3


async def test_rubbish_is_loaded_over(redis: SharedRedis) -> None:
    cache, source = Cache(SharedStore(redis), settings()), Source()
    found = await SharedStore(redis).look("a", TAGS, 1)
    SharedStore(redis).keep("a", found.generations, b"rubbish", 60)

    assert [await fetch(cache, source) for _ in range(2)] == [b"1", b"1"]
    assert source.loads == 1


async def test_it_can_be_switched_off() -> None:
    cache, source = Cache(MemoryStore(1000), settings(cache_enabled=False)), Source()

    assert [await fetch(cache, source) for _ in range(2)] == [b"1", b"1"]
    assert source.loads == 2
