"""Where counts are kept: in Redis for all processes, or in this one."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import time
from typing import TypeVar

from limits.aio.storage import MemoryStorage, Storage

from app.core.redis.batches import Answer
from app.core.redis.connection import RedisSilent, Script, SharedRedis

T = TypeVar("T")

# A key with anything else in it, or without an end, would count for good: it starts again.
COUNT = Script("""
local count = redis.pcall('INCRBY', KEYS[1], ARGV[2])
if type(count) == 'table' or redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[1])
  return tonumber(ARGV[2])
end
return count
""")


class Counts(Storage):
    """A storage of `limits` on the connections that the process has: for whatever counts attempts.

    While Redis is silent each process counts for itself. A limit then holds for each of them, and
    what was counted before is not known: nobody is shut out, and nobody is let in without limit.
    """

    STORAGE_SCHEME = None

    def __init__(self, redis: SharedRedis | None) -> None:
        super().__init__()
        self._redis = redis
        self._own = MemoryStorage()

    @property
    def base_exceptions(self) -> type[Exception]:
        return RedisSilent

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        async def count(redis: SharedRedis) -> int:
            return int(await redis.run(COUNT, [_key(redis, key)], (expiry, amount)))

        return await self._either(count, lambda: self._own.incr(key, expiry, amount))

    async def get(self, key: str) -> int:
        async def read(redis: SharedRedis) -> int:
            return _number(await redis.ask("GET", _key(redis, key)))

        return await self._either(read, lambda: self._own.get(key))

    async def get_expiry(self, key: str) -> float:
        async def read(redis: SharedRedis) -> float:
            left = await redis.ask("PTTL", _key(redis, key))
            return time() + max(0, int(left)) / 1000

        return await self._either(read, lambda: self._own.get_expiry(key))

    async def clear(self, key: str) -> None:
        async def delete(redis: SharedRedis) -> None:
            await redis.ask("DEL", _key(redis, key))

        await self._own.clear(key)
        await self._either(delete, lambda: self._own.clear(key))

    async def check(self) -> bool:
        return self._redis is None or self._redis.answers

    async def reset(self) -> int | None:
        raise NotImplementedError("the counts of others are not ours to clear")

    async def _either(
        self, shared: Callable[[SharedRedis], Awaitable[T]], own: Callable[[], Awaitable[T]]
    ) -> T:
        if self._redis is not None:
            try:
                return await shared(self._redis)
            except RedisSilent:
                pass
        return await own()


@asynccontextmanager
async def open_counts(_settings: object, redis: SharedRedis | None) -> AsyncGenerator[Counts]:
    """The counts of an application, from its start to its end."""
    yield Counts(redis)


def _key(redis: SharedRedis, key: str) -> str:
    return f"{redis.prefix}:{key}"


def _number(value: Answer) -> int:
    """What was counted; anything else is nothing."""
    return int(value) if value is not None and value.isdigit() else 0
