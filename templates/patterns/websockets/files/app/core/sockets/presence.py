"""Who is in a room, over all processes."""

from collections.abc import Collection

from app.redis.client import RedisClient, RedisUnavailable, Script

# KEYS: the room. ARGV: milliseconds that somebody stays without a word, who is here.
MEET = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV do
  redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], ARGV[1] * 2)
return redis.call('ZRANGE', KEYS[1], 0, -1)
""")


class Presence:
    """Each process says again and again who is there; who is not named any more is gone.

    While Redis is silent, or without one, a process knows its own.
    """

    def __init__(self, redis: RedisClient | None, process: str, seconds: float) -> None:
        self._redis = redis
        self._process = process
        self._milliseconds = int(seconds * 1000)

    async def meet(self, room: str, own: Collection[tuple[int, str]]) -> list[str]:
        """The names of all who are there; `own` are the clients of this process."""
        names = {name for _, name in own}
        if self._redis is not None:
            entries = [self._entry(*one) for one in own]
            try:
                found = await self._redis.run(
                    MEET, [self._key(self._redis, room)], (self._milliseconds, *entries)
                )
            except RedisUnavailable:
                pass
            else:
                names = {entry.decode().split("/", 2)[2] for entry in found}
        return sorted(names)

    def part(self, room: str, number: int, name: str) -> None:
        """Take one of this process's clients away."""
        if self._redis is not None:
            self._redis.execute_nowait(
                "ZREM", self._key(self._redis, room), self._entry(number, name)
            )

    def _entry(self, number: int, name: str) -> str:
        return f"{self._process}/{number}/{name}"

    def _key(self, redis: RedisClient, room: str) -> str:
        return f"{redis.prefix}:presence:{room}"
