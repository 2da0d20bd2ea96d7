"""Both stores, and entries that depend on tags in each of them."""

import asyncio

import pytest

from app.cache.entry import Entry
from app.cache.store import OVERHEAD, MemoryStore, RedisStore, Store
from app.cache.tagged_store import TaggedStore
from app.redis.client import RedisClient

TAGS = ("Note", "Item")
ENTRY = Entry(b"\x00 one\nline")


@pytest.fixture
def entries(store: Store) -> TaggedStore:
    return TaggedStore(store)


async def put(entries: TaggedStore, key: str = "a", ttl: float = 60) -> None:
    entries.set(await entries.get(key, TAGS), ENTRY, ttl)


async def body(entries: TaggedStore, key: str = "a") -> bytes | None:
    found = await entries.get(key, TAGS)
    return found.entry.body if found.entry else None


async def claim(entries: TaggedStore, seconds: float = 60) -> bool:
    _, has_lock = await entries.get_or_claim(await entries.get("a", TAGS), seconds)
    return has_lock


class TestStore:
    async def test_values_come_back(self, store: Store) -> None:
        await store.set("a", b"\x00\n", 60)
        store.set_nowait("b", b"2", 60)

        assert [*await store.get(["a", "missing", "b"])] == [b"\x00\n", None, b"2"]

    async def test_values_expire(self, store: Store) -> None:
        await store.set("a", b"1", 0.01)
        await asyncio.sleep(0.05)

        assert [*await store.get(["a"])] == [None]
        assert await store.add("a", b"2", 60)

    async def test_add_keeps_the_first_value(self, store: Store) -> None:
        assert [await store.add("a", value, 60) for value in (b"1", b"2")] == [True, False]
        assert [*await store.get(["a"])] == [b"1"]

    async def test_deleted_values_are_gone(self, store: Store) -> None:
        await store.set("a", b"1", 60)

        store.delete_nowait("a")

        assert [*await store.get(["a"])] == [None]

    async def test_memory_evicts_the_least_recently_used(self) -> None:
        store = MemoryStore(3 * (OVERHEAD + 1))
        for key in "abc":
            await store.set(key, b"1", 60)
        await store.get(["a"])

        await store.set("d", b"1", 60)

        assert [*await store.get("abcd")] == [b"1", None, b"1", b"1"]

    async def test_a_replaced_value_takes_no_more_memory(self) -> None:
        store = MemoryStore(2 * (OVERHEAD + 1))
        for _ in range(5):
            await store.set("a", b"1", 60)
            await store.set("b", b"1", 60)

        assert [*await store.get("ab")] == [b"1", b"1"]


class TestTags:
    async def test_entries_come_back(self, entries: TaggedStore) -> None:
        assert await body(entries) is None

        await put(entries)

        assert await body(entries) == ENTRY.body
        assert await body(entries, "b") is None

    @pytest.mark.parametrize("tag", TAGS)
    async def test_each_tag_invalidates(self, entries: TaggedStore, tag: str) -> None:
        await put(entries)

        await entries.invalidate([tag])

        assert await body(entries) is None

    async def test_other_tags_do_not_invalidate(self, entries: TaggedStore) -> None:
        await put(entries)

        await entries.invalidate(["Order"])

        assert await body(entries) == ENTRY.body

    async def test_an_entry_loaded_before_a_change_is_not_found(self, entries: TaggedStore) -> None:
        before = await entries.get("a", TAGS)
        await entries.invalidate(["Item"])

        entries.set(before, ENTRY, 60)

        assert await body(entries) is None

    async def test_an_evicted_version_invalidates(self, entries: TaggedStore, store: Store) -> None:
        await put(entries)

        store.delete_nowait("tag:Item")

        assert await body(entries) is None


class TestLocks:
    async def test_one_caller_gets_the_lock(self, entries: TaggedStore) -> None:
        assert [await claim(entries) for _ in range(3)] == [True, False, False]

        entries.release(await entries.get("a", TAGS))

        assert await claim(entries)

    async def test_a_change_makes_another_lock(self, entries: TaggedStore) -> None:
        await claim(entries)

        await entries.invalidate(["Item"])

        assert await claim(entries)

    async def test_a_lock_expires(self, entries: TaggedStore) -> None:
        await claim(entries, 0.01)
        await asyncio.sleep(0.05)

        assert await claim(entries)

    async def test_an_entry_needs_no_lock(self, entries: TaggedStore) -> None:
        before = await entries.get("a", TAGS)
        await put(entries)

        found, has_lock = await entries.get_or_claim(before, 60)

        assert (found.entry and found.entry.body, has_lock) == (ENTRY.body, False)
        assert await entries.claim(before, 60)

    async def test_a_lock_for_older_versions_is_refused(self, entries: TaggedStore) -> None:
        before = await entries.get("a", TAGS)
        await entries.invalidate(["Item"])

        _, has_lock = await entries.get_or_claim(before, 60)

        assert not has_lock
        assert await claim(entries)


@pytest.mark.parametrize("command", [("SET", "rubbish"), ("RPUSH", "rubbish"), ("SET", "")])
async def test_rubbish_in_redis_is_a_miss(redis: RedisClient, command: tuple[str, str]) -> None:
    entries = TaggedStore(RedisStore(redis))
    await put(entries)
    for key in [key async for key in redis.client.scan_iter(f"{redis.prefix}:*")]:
        await redis.client.delete(key)
        await redis.execute(command[0], key, command[1])

    assert await body(entries) is None

    await entries.invalidate(TAGS)
    await put(entries)
    assert await body(entries) == ENTRY.body
    await entries.invalidate(TAGS)
    assert await body(entries) is None
