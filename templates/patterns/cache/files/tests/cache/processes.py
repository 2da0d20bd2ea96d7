"""Caches as different processes have them: in their own memory, or over one Redis."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.core.cache.cache import Cache
from app.core.cache.entry import Entry
from app.core.cache.memory import MemoryStore
from app.core.cache.settings import CacheSettings
from app.core.cache.shared import SharedStore
from app.core.cache.store import Store
from app.core.redis.connection import SharedRedis

TAGS = ("Item",)
IN_MEMORY, IN_REDIS = "in memory", "in Redis"


@pytest.fixture(params=[IN_MEMORY, IN_REDIS])
def store(request: pytest.FixtureRequest) -> Store:
    """Each way to keep entries."""
    if request.param == IN_MEMORY:
        return MemoryStore(1_000_000)
    return SharedStore(request.getfixturevalue("redis"))


def settings(**changes: Any) -> CacheSettings:
    """Settings with which nobody stops waiting soon, since the machine of the tests may be slow."""
    return CacheSettings.model_validate({"cache_wait_seconds": 20, **changes})


@pytest.fixture
def cache(store: Store) -> Cache:
    return Cache(store, settings())


@pytest.fixture
def processes(redis: SharedRedis, another_redis: SharedRedis) -> list[Cache]:
    """The caches of two processes."""
    return [Cache(SharedStore(one), settings()) for one in (redis, another_redis)]


class Source:
    """What is loaded from: it counts, and gives when it is told to."""

    def __init__(self, *, waits: bool = False) -> None:
        self.loads = 0
        self.value = b"1"
        self.error: Callable[[], Exception] | None = None
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        if not waits:
            self.go_on.set()

    async def load(self) -> Entry:
        self.loads += 1
        value = self.value
        self.begun.set()
        await self.go_on.wait()
        if self.error:
            raise self.error()
        return Entry(value)


async def fetch(cache: Cache, source: Source) -> bytes | None:
    """What the cache gives of the source, as long as no item changes."""
    entry = await cache.fetch("a", source.load, tags=TAGS)
    return entry.body if entry else None
