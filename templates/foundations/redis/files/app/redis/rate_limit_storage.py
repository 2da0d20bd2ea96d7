"""The storage of rate limits: in Redis for all processes, or in this one."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import time
from typing import TypeVar

from limits.aio.storage import MemoryStorage, Storage

from app.redis.batcher import Reply
from app.redis.client import RedisClient, RedisUnavailable

T = TypeVar("T")


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
        return await self._in_redis_or_memory(
            lambda redis: _incr(redis, _key(redis, key), expiry, amount),
            lambda: self._memory.incr(key, expiry, amount),
        )

    async def get(self, key: str) -> int:
        async def get(redis: RedisClient) -> int:
            return _number(await redis.execute("GET", _key(redis, key)))

        return await self._in_redis_or_memory(get, lambda: self._memory.get(key))

    async def get_expiry(self, key: str) -> float:
        async def get_expiry(redis: RedisClient) -> float:
            milliseconds = await redis.execute("PTTL", _key(redis, key))
            return time() + max(0, int(milliseconds)) / 1000

        return await self._in_redis_or_memory(get_expiry, lambda: self._memory.get_expiry(key))

    async def clear(self, key: str) -> None:
        async def clear(redis: RedisClient) -> None:
            await redis.execute("DEL", _key(redis, key))

        await self._memory.clear(key)
        await self._in_redis_or_memory(clear, lambda: self._memory.clear(key))

    async def check(self) -> bool:
        return self._redis is None or self._redis.is_available

    async def reset(self) -> int | None:
        raise NotImplementedError("other services may use the same Redis")

    async def _in_redis_or_memory(
        self, in_redis: Callable[[RedisClient], Awaitable[T]], in_memory: Callable[[], Awaitable[T]]
    ) -> T:
        if self._redis is not None:
            try:
                return await in_redis(self._redis)
            except RedisUnavailable:
                pass
        return await in_memory()


@asynccontextmanager
async def open_rate_limits(
    _settings: object, redis: RedisClient | None
) -> AsyncGenerator[RateLimitStorage]:
    """The rate limits of an application."""
    yield RateLimitStorage(redis)


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
