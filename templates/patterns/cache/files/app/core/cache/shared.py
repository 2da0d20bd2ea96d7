"""Entries in Redis, for all processes of the service."""

import secrets
from collections.abc import Collection, Sequence
from itertools import count

from app.core.cache.store import GENERATION_SECONDS, Found
from app.core.redis.connection import Script, SharedRedis

# KEYS: the entry, the claim, the tags. ARGV: a generation for tags that have none, its seconds,
# the milliseconds of a claim. MGET finds nothing where something else than a text is.
LOOK = Script("""
local values = redis.call('MGET', unpack(KEYS))
local generations = {}
for i = 3, #KEYS do
  if not values[i] then
    values[i] = ARGV[1]
    redis.call('SET', KEYS[i], ARGV[1], 'EX', ARGV[2])
  end
  generations[#generations + 1] = values[i]
end
local current = table.concat(generations, ',')
local entry = values[1]
if entry and string.sub(entry, 1, #current + 1) == current .. '\\n' then
  return {current, string.sub(entry, #current + 2), 0}
end
if values[2] == current then
  return {current, false, 0}
end
redis.call('SET', KEYS[2], current, 'PX', ARGV[3])
return {current, false, 1}
""")
# All or none of the tags: there is no moment between the first and the last.
RENEW = Script("""
for _, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[1], 'EX', ARGV[2])
end
""")


class SharedStore:
    """One message finds the entry, judges it by its tags, and hands out the task to load it."""

    def __init__(self, redis: SharedRedis) -> None:
        self._redis = redis
        self._process = secrets.token_hex(6)
        self._numbers = count(1)

    async def look(self, key: str, tags: Sequence[str], claim_seconds: float) -> Found:
        keys = [self._entry(key), self._claim(key), *map(self._tag, tags)]
        arguments = (self._generation(), GENERATION_SECONDS, _milliseconds(claim_seconds))
        current, value, is_ours = await self._redis.run(LOOK, keys, arguments)
        return Found(current, value, is_ours == 1)

    async def claim(self, key: str, generations: bytes, seconds: float) -> bool:
        command = ("SET", self._claim(key), generations, "NX", "PX", _milliseconds(seconds))
        return await self._redis.ask(*command) is not None

    def keep(self, key: str, generations: bytes, value: bytes, seconds: float) -> None:
        entry = generations + b"\n" + value
        self._redis.tell("SET", self._entry(key), entry, "PX", _milliseconds(seconds))
        self.release(key)

    def release(self, key: str) -> None:
        self._redis.tell("DEL", self._claim(key))

    async def renew(self, tags: Collection[str]) -> None:
        keys = [self._tag(tag) for tag in tags]
        await self._redis.run(RENEW, keys, (self._generation(), GENERATION_SECONDS))

    def _generation(self) -> str:
        """One that no process has ever given."""
        return f"{self._process}-{next(self._numbers)}"

    def _entry(self, key: str) -> str:
        return f"{self._redis.prefix}:cache:{key}"

    def _claim(self, key: str) -> str:
        return f"{self._redis.prefix}:claim:{key}"

    def _tag(self, tag: str) -> str:
        return f"{self._redis.prefix}:tag:{tag}"


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
