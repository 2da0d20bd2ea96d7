"""Invalidations that wait for Redis to answer again."""

import asyncio
from asyncio import Task
from collections import Counter
from collections.abc import Collection

from app.core.cache.store import Store
from app.core.redis.connection import RedisSilent

PAUSE_SECONDS = 0.5


class Invalidations:
    """Tags that need a new generation.

    Other processes may give old answers meanwhile, if Redis answers them: until it answers here
    too, and never longer than an entry lives.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pending: Counter[str] = Counter()
        self._flusher: Task[None] | None = None
        self.rounds = 0
        """How often there was one in this process."""

    async def add(self, tags: Collection[str]) -> None:
        """Invalidate now, or as soon as Redis answers."""
        self.rounds += 1
        self._pending.update(tags)
        try:
            await self.flush()
        except RedisSilent:
            if self._flusher is None:
                self._flusher = asyncio.create_task(self._flush_later())

    async def flush(self) -> None:
        """Invalidate what is pending, if anything is.

        Raises:
            RedisSilent: it has to wait.
        """
        if self._pending:
            pending = dict(self._pending)
            await self._store.renew(pending)
            for tag, times in pending.items():
                if self._pending[tag] == times:  # else there was another change meanwhile
                    del self._pending[tag]

    async def aclose(self) -> None:
        if self._flusher is not None:
            self._flusher.cancel()
            await asyncio.wait({self._flusher})

    async def _flush_later(self) -> None:
        while self._pending:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self.flush()
            except RedisSilent:
                continue
        self._flusher = None
