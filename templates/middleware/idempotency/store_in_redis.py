"""The store of idempotent responses: in Redis, or in memory."""

from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic

from starlette.types import Scope

from app.core.errors import Unavailable
from app.redis.client import RedisClient, RedisUnavailable
from app.settings import Settings

MAX_BYTES = 67_108_864
"""Of the stored responses together."""
OVERHEAD = 400
"""Bytes that a response takes besides its text, about."""
UNCONFIRMED_SECONDS = 10
"""Lifetime of a new text until Redis has confirmed it. If it does not, the request is refused, and
may be retried after that time.
"""


class Store:
    """Texts by name, with an expiry; above `MAX_BYTES` the oldest are dropped."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._bytes = 0

    def of(self, scope: Scope) -> "Store":
        """The store of this request."""
        redis = scope["state"]["redis"]
        return self if redis is None else RedisStore(redis)

    async def put_new(self, name: str, text: str, ttl: int) -> str | None:
        """Store a text, or return the one that is there already."""
        expires_at, known = self._entries.get(name, (0.0, None))
        if known is not None and expires_at > monotonic():
            return known
        await self.put(name, text, ttl)
        return None

    async def put(self, name: str, text: str, ttl: int) -> None:
        self._remove(name)
        self._entries[name] = (monotonic() + ttl, text)
        self._bytes += len(text) + OVERHEAD
        while self._bytes > MAX_BYTES:
            self._remove(next(iter(self._entries)))

    async def drop(self, name: str) -> None:
        self._remove(name)

    def _remove(self, name: str) -> None:
        if (found := self._entries.pop(name, None)) is not None:
            self._bytes -= len(found[1]) + OVERHEAD


class RedisStore(Store):
    """The store of all processes. During a Redis outage requests with a key get 503."""

    def __init__(self, redis: RedisClient) -> None:
        super().__init__()
        self._redis = redis

    async def put_new(self, name: str, text: str, ttl: int) -> str | None:
        key = self._key(name)
        with _unavailable():
            known, _ = await self._redis.transaction(
                ("GET", key), ("SET", key, text, "EX", min(ttl, UNCONFIRMED_SECONDS), "NX")
            )
            if isinstance(known, bytes):
                return known.decode()
            if not await self._redis.execute("EXPIRE", key, ttl):  # the process stood still
                raise RedisUnavailable
        return None

    async def put(self, name: str, text: str, ttl: int) -> None:
        with _unavailable():
            await self._redis.execute("SET", self._key(name), text, "EX", ttl)

    async def drop(self, name: str) -> None:
        with _unavailable():
            await self._redis.execute("DEL", self._key(name))

    def _key(self, name: str) -> str:
        return f"{self._redis.prefix}:idempotency:{name}"


@contextmanager
def _unavailable() -> Generator[None]:
    try:
        yield
    except RedisUnavailable:
        raise Unavailable("Redis is unavailable: nothing was done.") from None


def open_store(_settings: Settings) -> Store:
    """The store of a process."""
    return Store()
