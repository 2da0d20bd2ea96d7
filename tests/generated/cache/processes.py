"""The source of a value, and caches of several processes."""

import asyncio
from collections.abc import Callable
from typing import Any

from app.cache.cache import Cache
from app.cache.entry import Entry
from app.cache.settings import CacheSettings

TAGS = ("Item",)
IN_MEMORY, IN_REDIS = "memory", "redis"


def settings(**changes: Any) -> CacheSettings:
    return CacheSettings.model_validate(changes)


class Source:
    """Counts its loads; with `waits` each of them waits for the event `go_on`."""

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
    """The value of the source, cached until an item changes."""
    entry = await cache.fetch("a", source.load, tags=TAGS)
    return entry.body if entry else None
