"""Entries that depend on tags, and the locks for loading them.

Each tag has a version. An entry is stored with the versions that its tags had *before* it was
loaded, and is found only while they are current. A commit gives its tags new versions, so an entry
that was loaded before or during the commit is not found after it.
"""

import asyncio
import secrets
from asyncio import Task
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import NamedTuple

from app.cache.entry import Entry
from app.cache.store import Store
from app.redis.client import RedisUnavailable

VERSION_TTL = 86_400
"""Seconds; longer than any entry lives. A lost version costs a load: none is used twice."""

RETRY_SECONDS = 0.5
"""Between two attempts to invalidate while Redis is unavailable."""


class Lookup(NamedTuple):
    """What was found for a key."""

    key: str
    tags: Sequence[str]
    versions: bytes
    """The current versions of the tags."""
    entry: Entry | None

    @property
    def lock(self) -> str:
        """The name of the lock for loading the entry."""
        return f"lock:{self.key}:{self.versions.decode(errors='replace')}"


class TaggedStore:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._pending: Counter[str] = Counter()
        """The tags that have to get new versions, by the number of commits."""
        self._retry: Task[None] | None = None
        self.invalidations = 0
        """Their number in this process."""

    async def get(self, key: str, tags: Sequence[str]) -> Lookup:
        if self._pending:
            await self._bump_versions()
        names = [_version_key(tag) for tag in tags]
        value, *current = await self._store.get([key, *names])
        if None in current:
            adds = [self._store.add(name, _new_version(), VERSION_TTL) for name in names]
            await asyncio.gather(*adds)
            value, *current = await self._store.get([key, *names])
        versions = b",".join([version or _new_version() for version in current])
        stored, _, data = (value or b"").partition(b"\n")
        return Lookup(key, tags, versions, Entry.decode(data) if stored == versions else None)

    async def get_or_claim(self, lookup: Lookup, lock_seconds: float) -> tuple[Lookup, bool]:
        """Look again, and whether the caller has to load the entry: it has the lock.

        The previous owner of the lock may have stored the entry.
        """
        has_lock, found = await asyncio.gather(
            self.claim(lookup, lock_seconds), self.get(lookup.key, lookup.tags)
        )
        if has_lock and (found.entry is not None or found.versions != lookup.versions):
            self.release(lookup)
            has_lock = False
        return found, has_lock

    async def claim(self, lookup: Lookup, lock_seconds: float) -> bool:
        """Take the lock for loading the entry; False if another process has it."""
        return await self._store.add(lookup.lock, b"1", lock_seconds)

    def release(self, lookup: Lookup) -> None:
        self._store.delete_nowait(lookup.lock)

    def set(self, lookup: Lookup, entry: Entry, ttl: float) -> None:
        self._store.set_nowait(lookup.key, lookup.versions + b"\n" + entry.encode(ttl), ttl)

    async def invalidate(self, tags: Collection[str]) -> None:
        """Invalidate all entries that have one of the tags, now or when Redis is available."""
        self.invalidations += 1
        self._pending.update(tags)
        try:
            await self._bump_versions()
        except RedisUnavailable:
            self._retry = self._retry or asyncio.create_task(self._bump_versions_later())

    async def aclose(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            await asyncio.wait({self._retry})

    async def _bump_versions(self) -> None:
        pending = dict(self._pending)
        keys = [_version_key(tag) for tag in pending]
        await asyncio.gather(*(self._store.set(key, _new_version(), VERSION_TTL) for key in keys))
        for tag, times in pending.items():
            if self._pending[tag] == times:  # else another commit has changed it meanwhile
                del self._pending[tag]

    async def _bump_versions_later(self) -> None:
        while self._pending:
            await asyncio.sleep(RETRY_SECONDS)
            with suppress(RedisUnavailable):
                await self._bump_versions()
        self._retry = None


def _version_key(tag: str) -> str:
    return f"tag:{tag}"


def _new_version() -> bytes:
    return secrets.token_hex(8).encode()
