"""The store of idempotent responses: in Redis, or in memory."""

from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic

from starlette.types import Scope

from app.core.errors import Unavailable
from app.core.redis.connection import RedisSilent, Script, SharedRedis
from app.settings import Settings

MAX_KEPT = 10_000

PUT_NEW = Script("""
local known = redis.call('GET', KEYS[1])
if not known then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
return known
""")


class Store:
    """Texts by name, with an expiry; above `MAX_KEPT` the oldest are dropped."""

    def __init__(self, kept: OrderedDict[str, tuple[float, str]] | None = None) -> None:
        self._kept = OrderedDict[str, tuple[float, str]]() if kept is None else kept

    def of(self, scope: Scope) -> "Store":
        """The store of this request."""
        redis = scope["state"]["redis"]
        return self if redis is None else SharedTexts(redis)

    async def put_new(self, name: str, text: str, ttl: int) -> str | None:
        """Store a text, or return the one that is there already."""
        ends_at, known = self._kept.get(name, (0.0, None))
        if known is not None and ends_at > monotonic():
            return known
        await self.put(name, text, ttl)
        return None

    async def put(self, name: str, text: str, ttl: int) -> None:
        self._kept[name] = (monotonic() + ttl, text)
        self._kept.move_to_end(name)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    async def drop(self, name: str) -> None:
        self._kept.pop(name, None)


class SharedTexts(Store):
    """The store of all processes. During a Redis outage requests with a key get 503."""

    def __init__(self, redis: SharedRedis) -> None:
        super().__init__()
        self._redis = redis

    async def put_new(self, name: str, text: str, ttl: int) -> str | None:
        with _promising():
            known = await self._redis.run(PUT_NEW, [self._key(name)], (text, ttl))
        return known.decode() if isinstance(known, bytes) else None

    async def put(self, name: str, text: str, ttl: int) -> None:
        with _promising():
            await self._redis.ask("SET", self._key(name), text, "EX", ttl)

    async def drop(self, name: str) -> None:
        with _promising():
            await self._redis.ask("DEL", self._key(name))

    def _key(self, name: str) -> str:
        return f"{self._redis.prefix}:once:{name}"


@contextmanager
def _promising() -> Generator[None]:
    try:
        yield
    except RedisSilent:
        raise Unavailable("Redis is unavailable: nothing was done.") from None


def open_store(_settings: Settings) -> Store:
    """The store of a process."""
    return Store()
