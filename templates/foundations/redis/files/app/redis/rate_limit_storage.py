"""The storage of rate limits: in Redis for all processes, or in this one."""

from contextlib import suppress
from time import time

from limits.aio.storage import MemoryStorage, Storage

from app.redis.batcher import Reply
from app.redis.client import RedisClient, RedisUnavailable


class RateLimitStorage(Storage):
    """A storage of `limits` on the Redis client of the process.

    During a Redis outage, and without Redis, rate limits apply per process.
    """

    STORAGE_SCHEME = None

    def __init__(self, redis: RedisClient | None) -> None:
        super().__init__()
        self._redis = redis
        self._memory = MemoryStorage()

    @property
    def base_exceptions(self) -> type[Exception]:
        return RedisUnavailable

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        if self._redis is not None:
            with suppress(RedisUnavailable):
                return await _incr(self._redis, _key(self._redis, key), expiry, amount)
        return await self._memory.incr(key, expiry, amount)

    async def get(self, key: str) -> int:
        if self._redis is not None:
            with suppress(RedisUnavailable):
                return _number(await self._redis.execute("GET", _key(self._redis, key)))
        return await self._memory.get(key)

    async def get_expiry(self, key: str) -> float:
        if self._redis is not None:
            with suppress(RedisUnavailable):
                milliseconds = await self._redis.execute("PTTL", _key(self._redis, key))
                return time() + max(0, int(milliseconds)) / 1000
        return await self._memory.get_expiry(key)

    async def clear(self, key: str) -> None:
        await self._memory.clear(key)
        if self._redis is not None:
            with suppress(RedisUnavailable):
                await self._redis.execute("DEL", _key(self._redis, key))

    async def check(self) -> bool:
        return True  # it counts in memory while Redis is unavailable

    async def reset(self) -> int | None:
        raise NotImplementedError("other services may use the same Redis")


async def _incr(redis: RedisClient, key: str, expiry: int, amount: int) -> int:
    count = (("SET", key, 0, "EX", expiry, "NX"), ("INCRBY", key, amount))
    _, number = await redis.transaction(*count)
    if isinstance(number, Exception):  # the value is not a number
        _, _, number = await redis.transaction(("DEL", key), *count)
    return int(number)


def _key(redis: RedisClient, key: str) -> str:
    return f"{redis.prefix}:{key}"


def _number(reply: Reply) -> int:
    """The count. Any other value counts as 0."""
    return int(reply) if reply is not None and reply.isdigit() else 0
