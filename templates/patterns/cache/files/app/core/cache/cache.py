"""Finds an answer, or has it loaded, once for everybody who wants it at the same time."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache, partial
from hashlib import blake2b
from time import monotonic
from typing import NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from app import __version__
from app.core.cache.entry import Entry, shortened
from app.core.cache.flights import Flights
from app.core.cache.invalidations import Invalidations
from app.core.cache.memory import MemoryStore
from app.core.cache.settings import CacheSettings
from app.core.cache.shared import SharedStore
from app.core.cache.store import Found, Store
from app.core.errors import NotFound, Unavailable
from app.core.logging import get_logger
from app.core.redis.connection import RedisSilent, SharedRedis

logger = get_logger(__name__)

T = TypeVar("T")
Load = Callable[[], Awaitable[Entry | None]]
"""Gives what is to be kept; None if it must not be. `NotFound` is kept too, for a short time."""

FIRST_LOOK = 0.005
LAST_LOOK = 0.05
"""Seconds between two looks for what another process is loading: they grow."""


def key(*parts: object) -> str:
    """Where an answer is kept: by all that it depends on, the version of the service included."""
    return blake2b(repr((__version__, *parts)).encode(), digest_size=16).hexdigest()


_adapter = lru_cache(maxsize=256)(TypeAdapter)
"""Making one takes as long as many loads."""


class Wanted(NamedTuple):
    key: str
    tags: Sequence[str]
    load: Load
    ttl: float


class Cache:
    """What was answered before, unless what it is made of has changed since."""

    def __init__(self, store: Store, settings: CacheSettings) -> None:
        self._store = store
        self._settings = settings
        self._flights: Flights[Entry | None] = Flights()
        self._tasks: set[object] = set()
        """The flights whose load is this process's task, whichever request was given it."""
        self._invalidations = Invalidations(store)
        self.counts: Counter[str] = Counter()
        """How often an answer was there (`hits`), was not (`misses`), was asked of the source for
        all that wanted it (`loads`), or was not asked for since Redis was silent (`bypassed`)."""

    async def fetch(
        self, key: str, load: Load, *, tags: Sequence[str] = (), ttl: float | None = None
    ) -> Entry | None:
        """What is kept under `key`, or what `load` gives; None if that is not to be kept.

        Raises:
            NotFound: there was nothing when it was loaded, a moment ago.
        """
        if not self._settings.cache_enabled:
            return await load()
        wanted = Wanted(key, tags, load, ttl or self._settings.cache_ttl_seconds)
        try:
            await self._invalidations.flush()
            found = await self._look(wanted)
        except RedisSilent:
            self.counts["bypassed"] += 1
            return await self._flights.join((key, self._invalidations.rounds), load)
        entry = Entry.decode(found.value) if found.value else None
        if entry is not None:
            entry = await self._refreshed(entry, wanted, found)
        else:
            self.counts["misses"] += 1
            flight = (key, found.generations)
            if found.is_ours:
                self._tasks.add(flight)
            entry = await self._flights.join(flight, partial(self._load_once, wanted, found))
        if entry is not None and entry.is_missing:
            raise NotFound(entry.body.decode())
        return entry

    async def invalidate(self, tags: frozenset[str]) -> None:
        """Let go of all that was kept for these tags, in every process.

        If Redis is silent it is done as soon as it answers, before this process reads from it.
        """
        await self._invalidations.add(tags)

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
        """The value called `name`, of the type `of`, kept as JSON.

        Args:
            name: with all that the value depends on in it: `f"rates/{day}"`.
            load: gets the value when it is not there; a `NotFound` is kept for a short time too.
            of: what comes back, for everybody: `Rates`, `list[int]`.
            per: whose value it is, such as the id of a user.
            tags: the names of the models that it is made of: it goes with their next change.
            ttl: how long it is kept at most, in seconds.
        """
        kind: TypeAdapter[T] = _adapter(of)  # type: ignore[arg-type]  # a type can be hashed

        async def load_entry() -> Entry:
            return Entry(kind.dump_json(await load()))

        entry = await self.fetch(key("value", name, per), load_entry, tags=tags, ttl=ttl)
        try:
            value: T = kind.validate_json(entry.body if entry else b"")
        except ValidationError:  # it was kept by a version of the service with another type
            value = await load()
        return value

    async def aclose(self) -> None:
        await self._invalidations.aclose()
        logger.info("cache_counts", **self.counts)

    async def _look(self, wanted: Wanted) -> Found:
        return await self._store.look(wanted.key, wanted.tags, self._settings.cache_wait_seconds)

    async def _load_once(self, wanted: Wanted, found: Found) -> Entry | None:
        """Load, unless another process does: then wait for what it gives, for a while."""
        flight = (wanted.key, found.generations)
        pause, give_up_at = FIRST_LOOK, monotonic() + self._settings.cache_wait_seconds
        try:
            with suppress(RedisSilent):
                while (
                    found.value is None
                    and not found.is_ours
                    and flight not in self._tasks
                    and monotonic() < give_up_at
                ):
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, LAST_LOOK)
                    found = await self._look(wanted)
                    if found.value and (entry := Entry.decode(found.value)):
                        return entry
            return await self._load(wanted, found)
        finally:
            self._tasks.discard(flight)

    async def _refreshed(self, entry: Entry, wanted: Wanted, found: Found) -> Entry | None:
        """The entry, or if it is old and nobody else is at it, what takes its place."""
        wait = self._settings.cache_wait_seconds
        try:
            if entry.is_old and await self._store.claim(wanted.key, found.generations, wait):
                return await self._load(wanted, found)
        except (RedisSilent, Unavailable):
            pass  # it is still good for a while
        self.counts["hits"] += 1
        return entry

    async def _load(self, wanted: Wanted, found: Found) -> Entry | None:
        self.counts["loads"] += 1
        entry, ttl = None, wanted.ttl
        try:
            entry = await wanted.load()
        except NotFound as error:
            entry = Entry(error.detail.encode(errors="replace"), is_missing=True)
            ttl = min(ttl, self._settings.cache_negative_ttl_seconds)
        finally:
            if entry is None:
                self._store.release(wanted.key)
        if entry is not None:
            ttl = shortened(ttl)
            self._store.keep(wanted.key, found.generations, entry.encode(ttl), ttl)
        return entry


@asynccontextmanager
async def open_cache(settings: CacheSettings, redis: SharedRedis | None) -> AsyncGenerator[Cache]:
    """The cache of an application, from its start to its end: in Redis, if there is one."""
    memory = MemoryStore(settings.cache_memory_bytes)
    cache = Cache(SharedStore(redis) if redis else memory, settings)
    yield cache
    await cache.aclose()
