"""Finds an entry, or loads it once for all requests that want it at the same time."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache, partial
from hashlib import blake2b
from time import monotonic
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from app import __version__
from app.cache.entry import Entry, with_jitter
from app.cache.settings import CacheSettings
from app.cache.single_flight import SingleFlight
from app.cache.store import MEMORY_BYTES, MemoryStore, RedisStore, Store
from app.cache.tagged_store import Lookup, TaggedStore
from app.core.errors import NotFound, Unavailable
from app.core.logging import get_logger
from app.redis.client import RedisClient, RedisUnavailable

logger = get_logger(__name__)

T = TypeVar("T")
Load = Callable[[], Awaitable[Entry | None]]
"""Loads an entry; None if it must not be stored. `NotFound` is stored for a short time."""

NEGATIVE_TTL_SECONDS = 5
"""Lifetime of a stored `NotFound`."""
WAIT_SECONDS = 2
"""Longest wait for another process that loads the same entry."""
FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.05
"""Seconds between two looks for the entry that another process loads."""


def cache_key(*parts: object) -> str:
    """The key for values that depend on these parts, and on the version of the service."""
    return blake2b(repr((__version__, *parts)).encode(), digest_size=16).hexdigest()


class Cache:
    """Responses and values, until one of their tags is invalidated or their TTL ends."""

    def __init__(self, store: Store, settings: CacheSettings) -> None:
        self._store = TaggedStore(store)
        self._settings = settings
        self._flights: SingleFlight[Entry | None] = SingleFlight()
        self.counts: Counter[str] = Counter()
        """Of this process: `hits`, `misses`, `loads`, and `bypassed` during Redis outages."""

    async def fetch(
        self, key: str, load: Load, *, tags: Sequence[str] = (), ttl: float | None = None
    ) -> Entry | None:
        """The entry, loaded if necessary; None if it must not be stored.

        Raises:
            NotFound: `load` has raised it, now or a short time ago.
        """
        if not self._settings.cache_enabled:
            return await load()
        try:
            lookup = await self._store.get(key, tags)
        except RedisUnavailable:
            self.counts["bypassed"] += 1
            return await self._flights.run((key, self._store.invalidations), load)
        entry, seconds = lookup.entry, ttl or self._settings.cache_ttl_seconds
        if entry is None:
            self.counts["misses"] += 1
            load_once = partial(self._load_once, lookup, load, seconds)
            entry = await self._flights.run((key, lookup.versions), load_once)
        elif entry.is_old:
            entry = await self._refresh(lookup, load, seconds)
        else:
            self.counts["hits"] += 1
        if entry is not None and entry.is_missing:
            raise NotFound(entry.body.decode())
        return entry

    async def get_or_load(
        self,
        name: str,
        load: Callable[[], Awaitable[T]],
        *,
        of: type[T],
        per: object = None,
        tags: Sequence[str] = (),
        ttl: float | None = None,
    ) -> T:
        """A value of the type `of`, stored as JSON.

        Args:
            name: contains everything that the value depends on: `f"rates/{day}"`.
            load: gets the value if it is not cached; `NotFound` is cached for a short time.
            per: the owner of the value, such as the id of a user.
            tags: the names of the models whose changes invalidate the value.
            ttl: in seconds.
        """
        adapter: TypeAdapter[T] = _adapter(of)  # type: ignore[arg-type]  # a type can be hashed

        async def load_entry() -> Entry:
            return Entry(adapter.dump_json(await load()))

        entry = await self.fetch(cache_key("value", name, per), load_entry, tags=tags, ttl=ttl)
        try:
            value: T = adapter.validate_json(entry.body if entry else b"")
        except ValidationError:  # it was stored with another type under the same name
            value = await load()
        return value

    async def invalidate(self, tags: frozenset[str]) -> None:
        """Invalidate all entries with one of the tags, in every process.

        If Redis is unavailable, this happens before the process reads from it again. Until then,
        processes that still reach it may find old entries.
        """
        await self._store.invalidate(tags)

    async def aclose(self) -> None:
        await self._store.aclose()
        logger.info("cache_counts", **self.counts)

    async def _load_once(self, lookup: Lookup, load: Load, ttl: float) -> Entry | None:
        """Load under a lock that all processes respect, or wait for the process that has it."""
        pause = FIRST_PAUSE
        give_up_at = monotonic() + WAIT_SECONDS
        with suppress(RedisUnavailable):
            while monotonic() < give_up_at:
                lookup, has_lock = await self._store.get_or_claim(lookup, WAIT_SECONDS)
                if lookup.entry is not None:
                    return lookup.entry
                if has_lock:
                    break
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)
        return await self._load(lookup, load, ttl)

    async def _refresh(self, lookup: Lookup, load: Load, ttl: float) -> Entry | None:
        """Reload an old entry; it stays if another request does so, or if that fails."""
        with suppress(RedisUnavailable, Unavailable):
            if await self._store.claim(lookup, WAIT_SECONDS):
                return await self._load(lookup, load, ttl)
        self.counts["hits"] += 1
        return lookup.entry

    async def _load(self, lookup: Lookup, load: Load, ttl: float) -> Entry | None:
        self.counts["loads"] += 1
        try:
            try:
                entry = await load()
            except NotFound as error:
                entry = Entry(error.detail.encode(errors="replace"), is_missing=True)
                ttl = min(ttl, NEGATIVE_TTL_SECONDS)
            if entry is not None:
                self._store.set(lookup, entry, with_jitter(ttl))
        finally:
            self._store.release(lookup)
        return entry


@asynccontextmanager
async def open_cache(settings: CacheSettings, redis: RedisClient | None) -> AsyncGenerator[Cache]:
    """The cache of an application, from its start to its end: in Redis if there is a URL."""
    store = RedisStore(redis) if redis else MemoryStore(MEMORY_BYTES)
    cache = Cache(store, settings)
    yield cache
    await cache.aclose()


_adapter = lru_cache(maxsize=256)(TypeAdapter)
