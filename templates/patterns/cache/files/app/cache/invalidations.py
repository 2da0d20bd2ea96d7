"""Invalidations, which are sent again if Redis is unavailable."""

import asyncio
from asyncio import Task
from collections import Counter
from collections.abc import Collection
from contextlib import suppress

from app.cache.tagged_store import TaggedStore
from app.redis.client import RedisUnavailable

RETRY_SECONDS = 0.5


class Invalidations:
    """Tags whose versions have to be bumped.

    Until Redis is available again, processes that still reach it may find old entries.
    """

    def __init__(self, store: TaggedStore) -> None:
        self._store = store
        self._pending: Counter[str] = Counter()
        self._retry: Task[None] | None = None
        self.rounds = 0
        """The number of invalidations in this process."""

    async def add(self, tags: Collection[str]) -> None:
        """Invalidate now, or as soon as Redis is available."""
        self.rounds += 1
        self._pending.update(tags)
        try:
            await self.flush()
        except RedisUnavailable:
            self._retry = self._retry or asyncio.create_task(self._flush_later())

    async def flush(self) -> None:
        """Send the pending invalidations; `RedisUnavailable` if they have to wait."""
        if pending := dict(self._pending):
            await self._store.bump_versions(pending)
            for tag, times in pending.items():
                if self._pending[tag] == times:  # else another commit has changed it meanwhile
                    del self._pending[tag]

    async def aclose(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            await asyncio.wait({self._retry})

    async def _flush_later(self) -> None:
        while self._pending:
            await asyncio.sleep(RETRY_SECONDS)
            with suppress(RedisUnavailable):
                await self.flush()
        self._retry = None
