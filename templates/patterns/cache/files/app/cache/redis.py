"""The store in Redis, which all processes share."""

from collections.abc import Sequence

from app.redis.client import RedisClient


class RedisStore:
    """Plain commands; concurrent ones are sent as one batch, in the order of their calls."""

    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis
        self._prefix = f"{redis.prefix}:cache:"

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        values: list[bytes | None] = await self._redis.execute("MGET", *map(self._name, keys))
        return values

    async def set(self, key: str, value: bytes, ttl: float) -> None:
        await self._redis.execute("SET", self._name(key), value, "PX", _milliseconds(ttl))

    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        command = ("SET", self._name(key), value, "PX", _milliseconds(ttl), "NX")
        return await self._redis.execute(*command) is not None

    def set_nowait(self, key: str, value: bytes, ttl: float) -> None:
        self._redis.execute_nowait("SET", self._name(key), value, "PX", _milliseconds(ttl))

    def delete_nowait(self, key: str) -> None:
        self._redis.execute_nowait("DEL", self._name(key))

    def _name(self, key: str) -> str:
        return self._prefix + key


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
