"""Stores of entries: in Redis for all processes, or in the memory of one."""

from collections import OrderedDict
from collections.abc import Sequence
from time import monotonic

from app.redis.batcher import Command
from app.redis.client import RedisClient

MEMORY_BYTES = 33_554_432
"""For entries in each process, without Redis."""
OVERHEAD = 400
"""Bytes that an entry in memory takes besides its value, about."""


class MemoryStore:
    """Values in this process; the least recently used ones are evicted."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._values: OrderedDict[str, tuple[bytes, float]] = OrderedDict()

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """The values, all of the same moment; None for a key that has none."""
        return [self._get(key) for key in keys]

    async def set(self, key: str, value: bytes, ttl: float) -> None:
        """Set the value for `ttl` seconds."""
        self.set_nowait(key, value, ttl)

    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Set the value if the key has none; whether it was set."""
        if self._get(key) is not None:
            return False
        self.set_nowait(key, value, ttl)
        return True

    def set_nowait(self, key: str, value: bytes, ttl: float) -> None:
        self.delete_nowait(key)
        self._values[key] = (value, monotonic() + ttl)
        self._bytes += len(value) + OVERHEAD
        while self._bytes > self._max_bytes:
            self.delete_nowait(next(iter(self._values)))

    def delete_nowait(self, key: str) -> None:
        if (found := self._values.pop(key, None)) is not None:
            self._bytes -= len(found[0]) + OVERHEAD

    def _get(self, key: str) -> bytes | None:
        value, expires_at = self._values.get(key, (None, 0.0))
        if value is None or monotonic() >= expires_at:
            return None
        self._values.move_to_end(key)
        return value


class RedisStore:
    """The same in Redis. Concurrent commands are sent as one batch, in the order of their calls.

    Methods that wait for Redis may raise `RedisUnavailable`.
    """

    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis
        self._prefix = f"{redis.prefix}:cache:"

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        names = [self._prefix + key for key in keys]
        values: list[bytes | None] = await self._redis.execute("MGET", *names)
        return values

    async def set(self, key: str, value: bytes, ttl: float) -> None:
        await self._redis.execute(*self._set(key, value, ttl))

    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        return await self._redis.execute(*self._set(key, value, ttl), "NX") is not None

    def set_nowait(self, key: str, value: bytes, ttl: float) -> None:
        self._redis.execute_nowait(*self._set(key, value, ttl))

    def delete_nowait(self, key: str) -> None:
        self._redis.execute_nowait("DEL", self._prefix + key)

    def _set(self, key: str, value: bytes, ttl: float) -> Command:
        return ("SET", self._prefix + key, value, "PX", max(1, int(ttl * 1000)))


Store = MemoryStore | RedisStore
