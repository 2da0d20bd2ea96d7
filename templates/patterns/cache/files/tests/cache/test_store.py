"""Both stores keep what they promise, and nothing else."""

import asyncio

import pytest

from app.core.cache.memory import OVERHEAD, MemoryStore
from app.core.cache.shared import SharedStore
from app.core.cache.store import Store
from app.core.redis.connection import SharedRedis

TAGS = ("Note", "Item")


async def keep(store: Store, key: str, value: bytes, seconds: float = 60) -> None:
    store.keep(key, (await store.look(key, TAGS, 1)).generations, value, seconds)


async def value(store: Store, key: str = "a") -> bytes | None:
    return (await store.look(key, TAGS, 1)).value


async def test_what_is_kept_is_there(store: Store) -> None:
    assert await value(store) is None

    await keep(store, "a", b"\x00 one\nline")

    assert await value(store) == b"\x00 one\nline"
    assert await value(store, "b") is None


@pytest.mark.parametrize("tag", TAGS)
async def test_it_goes_with_each_of_its_tags(store: Store, tag: str) -> None:
    await keep(store, "a", b"1")

    await store.renew([tag])

    assert await value(store) is None


async def test_it_stays_when_another_tag_changes(store: Store) -> None:
    await keep(store, "a", b"1")

    await store.renew(["Order"])

    assert await value(store) == b"1"


async def test_it_goes_after_its_time(store: Store) -> None:
    await keep(store, "a", b"1", 0.01)
    await asyncio.sleep(0.05)

    assert await value(store) is None


async def test_what_was_loaded_before_a_change_is_given_to_nobody(store: Store) -> None:
    found = await store.look("a", TAGS, 1)
    await store.renew(["Item"])

    store.keep("a", found.generations, b"old", 60)

    assert await value(store) is None


async def test_one_has_the_task_to_load(store: Store) -> None:
    tasks = [(await store.look("a", TAGS, 1)).is_ours for _ in range(3)]
    assert tasks == [True, False, False]

    store.release("a")

    assert (await store.look("a", TAGS, 1)).is_ours


async def test_after_a_change_it_is_another_task(store: Store) -> None:
    await store.look("a", TAGS, 1)

    await store.renew(["Item"])

    assert (await store.look("a", TAGS, 1)).is_ours


async def test_one_has_the_task_to_load_anew(store: Store) -> None:
    await keep(store, "a", b"1")
    generations = (await store.look("a", TAGS, 1)).generations

    assert [await store.claim("a", generations, 1) for _ in range(2)] == [True, False]


async def test_memory_is_bounded() -> None:
    store = MemoryStore(3 * (OVERHEAD + 10))
    for key in "abc":
        await keep(store, key, b"0123456789")
    assert await value(store, "a") is not None

    await keep(store, "d", b"0123456789")

    assert [await value(store, key) is not None for key in "abcd"] == [True, False, True, True]


async def test_what_is_kept_again_takes_the_same_room() -> None:
    store = MemoryStore(2 * (OVERHEAD + 10))
    for _ in range(5):
        await keep(store, "a", b"0123456789")
        await keep(store, "b", b"0123456789")

    assert await value(store, "a") is not None


class TestRubbish:
    """Somebody else writes under our keys."""

    @pytest.mark.parametrize("command", [("SET", "rubbish"), ("RPUSH", "rubbish"), ("SET", "")])
    async def test_in_every_key(self, redis: SharedRedis, command: tuple[str, str]) -> None:
        store = SharedStore(redis)
        await keep(store, "a", b"1")
        for key in [key async for key in redis.client.scan_iter(f"{redis.prefix}:*")]:
            await redis.client.delete(key)
            await redis.ask(command[0], key, command[1])

        assert await value(store) is None
        await keep(store, "a", b"2")
        assert await value(store) == b"2"
        await store.renew(TAGS)
        assert await value(store) is None

    async def test_a_claim_ends_by_itself(self, redis: SharedRedis) -> None:
        store = SharedStore(redis)
        await store.look("a", TAGS, 0.01)
        await asyncio.sleep(0.05)

        assert (await store.look("a", TAGS, 1)).is_ours

    async def test_a_tag_that_is_gone_takes_all_with_it(self, redis: SharedRedis) -> None:
        """As when a server without room throws it away."""
        store = SharedStore(redis)
        await keep(store, "a", b"1")

        await redis.ask("DEL", f"{redis.prefix}:tag:Item")

        assert await value(store) is None
