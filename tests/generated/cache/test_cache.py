"""One load for many requests, and no entry that is older than the last change."""

import asyncio
from functools import partial

import pytest

from app.cache.cache import Cache
from app.cache.entry import Entry
from app.cache.store import MemoryStore, RedisStore
from app.cache.tagged_store import TaggedStore
from app.core.errors import NotFound, Unavailable
from app.redis.client import RedisClient
from tests.insides.cache.processes import TAGS, Source, fetch, settings
from tests.waiting import TIMEOUT, until

RACES = 600


async def test_the_second_request_is_a_hit(cache: Cache) -> None:
    source = Source()

    assert [await fetch(cache, source) for _ in range(3)] == [b"1"] * 3
    assert source.loads == 1
    assert cache.counts == {"hits": 2, "misses": 1, "loads": 1}


async def test_two_hundred_simultaneous_misses_are_one_load(cache: Cache) -> None:
    source = Source(waits=True)
    wanting = [asyncio.ensure_future(fetch(cache, source)) for _ in range(200)]
    await source.begun.wait()
    source.go_on.set()

    assert set(await asyncio.gather(*wanting)) == {b"1"}
    assert source.loads == 1


async def test_simultaneous_misses_of_two_processes_are_one_load(processes: list[Cache]) -> None:
    source = Source(waits=True)
    wanting = [
        asyncio.ensure_future(fetch(cache, source)) for cache in processes for _ in range(100)
    ]
    await source.begun.wait()
    await asyncio.sleep(0.1)
    source.go_on.set()

    assert set(await asyncio.gather(*wanting)) == {b"1"}
    assert source.loads == 1


async def test_a_process_that_was_killed_is_not_waited_for_long(
    redis: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cache.cache.WAIT_SECONDS", 0.1)
    cache = Cache(RedisStore(redis), settings())
    source, killed = Source(), TaggedStore(RedisStore(redis))
    await killed.claim(await killed.get("a", TAGS), 600)

    async with asyncio.timeout(TIMEOUT):
        assert await fetch(cache, source) == b"1"


async def test_a_waiting_process_loads_when_the_lock_is_free(
    redis: RedisClient, another_redis: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cache.cache.WAIT_SECONDS", 3600)
    cache, source = Cache(RedisStore(redis), settings()), Source()
    other = TaggedStore(RedisStore(another_redis))
    lookup = await other.get("a", TAGS)
    await other.claim(lookup, 3600)
    waiting = asyncio.ensure_future(fetch(cache, source))
    await until(lambda: cache.counts["misses"] == 1)
    other.release(lookup)

    async with asyncio.timeout(TIMEOUT):
        assert await waiting == b"1"
    assert source.loads == 1


async def test_an_invalidation_takes_effect_in_every_process(processes: list[Cache]) -> None:
    source = Source()
    for cache in processes:
        await fetch(cache, source)
    source.value = b"2"

    await processes[0].invalidate(frozenset(TAGS))

    assert [await fetch(cache, source) for cache in processes] == [b"2", b"2"]


async def test_a_load_that_overlaps_a_change_is_not_shared_after_it(cache: Cache) -> None:
    """Not even with requests that come while it is still running."""
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


async def test_no_stale_answer_in_races_between_a_read_and_a_commit() -> None:
    """A commit ends anywhere between the first and the last step of a load."""
    cache, committed = Cache(MemoryStore(1_000_000), settings()), 0

    async def load(steps: int) -> Entry:
        value = committed
        for _ in range(steps):
            await asyncio.sleep(0)
        return Entry(str(value).encode())

    async def read(key: str, steps: int = 0) -> int:
        entry = await cache.fetch(key, partial(load, steps), tags=TAGS)
        assert entry is not None
        return int(entry.body)

    stale = 0
    for number in range(RACES):
        key = str(number)
        first = asyncio.ensure_future(read(key, number % 31))
        for _ in range(number % 11):
            await asyncio.sleep(0)
        committed += 1
        await cache.invalidate(frozenset(TAGS))
        stale += await read(key) != committed
        await first
        stale += await read(key) != committed

    assert stale == 0


@pytest.fixture
async def old(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> Source:
    """The source of an entry whose refresh is due."""
    source = Source()
    monkeypatch.setattr("app.cache.entry.REFRESH_AFTER", -1)
    await fetch(cache, source)
    monkeypatch.undo()
    return source


async def test_one_request_refreshes_an_old_entry(cache: Cache, old: Source) -> None:
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


async def test_an_old_entry_is_used_if_its_refresh_fails(cache: Cache, old: Source) -> None:
    old.error = partial(Unavailable, "silent")

    assert await fetch(cache, old) == b"1"


async def test_not_found_is_cached(cache: Cache) -> None:
    source = Source()
    source.error = partial(NotFound, "Item 7 does not exist.")

    for _ in range(3):
        with pytest.raises(NotFound, match="Item 7 does not exist"):
            await fetch(cache, source)
    assert source.loads == 1

    source.error = None
    await cache.invalidate(frozenset(TAGS))
    assert await fetch(cache, source) == b"1"


async def test_an_error_is_raised_to_all_waiting_requests_and_not_cached(cache: Cache) -> None:
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


async def test_if_the_loading_request_is_cancelled_the_next_one_loads(cache: Cache) -> None:
    source = Source(waits=True)
    leaving = asyncio.ensure_future(fetch(cache, source))
    await source.begun.wait()
    staying = [asyncio.ensure_future(fetch(cache, source)) for _ in range(5)]
    await until(lambda: cache.counts["misses"] == 6)
    leaving.cancel()
    source.go_on.set()

    assert await asyncio.gather(*staying) == [b"1"] * 5
    assert source.loads == 2


async def test_all_requests_can_be_cancelled_at_once(cache: Cache) -> None:
    source = Source(waits=True)
    wanting = [asyncio.ensure_future(fetch(cache, source)) for _ in range(3)]
    await until(lambda: cache.counts["misses"] == 3 and source.loads == 1)
    for each in wanting:
        each.cancel()
    source.go_on.set()

    await asyncio.wait(wanting)

    assert all(each.cancelled() for each in wanting)
    assert source.loads == 1


async def test_a_waiting_request_can_be_cancelled(cache: Cache) -> None:
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


async def test_a_load_without_an_entry_is_not_cached(cache: Cache) -> None:
    loads = 0

    async def load() -> None:
        nonlocal loads
        loads += 1

    for _ in range(3):
        assert await cache.fetch("a", load) is None
    assert loads == 3


async def test_rubbish_is_replaced(redis: RedisClient) -> None:
    store, source = RedisStore(redis), Source()
    found = await TaggedStore(store).get("a", TAGS)
    await store.set("a", found.versions + b"\nrubbish", 60)
    cache = Cache(store, settings())

    assert [await fetch(cache, source) for _ in range(2)] == [b"1", b"1"]
    assert source.loads == 1


async def test_the_cache_can_be_switched_off() -> None:
    cache, source = Cache(MemoryStore(1000), settings(cache_enabled=False)), Source()

    assert [await fetch(cache, source) for _ in range(2)] == [b"1", b"1"]
    assert source.loads == 2
