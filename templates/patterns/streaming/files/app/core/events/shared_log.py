"""The last events of each topic in Redis, for all processes: a stream each."""

from app.core.events.log import START, Event, EventId, Page, channel_of
from app.core.events.settings import EventSettings
from app.core.fanout.channels import Fanout
from app.redis.client import RedisClient, Script

# One step: events are passed on in the order of their ids, whoever sends them.
APPEND = Script("""
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'e', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], id .. '\\n' .. ARGV[1])
return id
""")
AFTER = Script("""
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local last = newest[1] and newest[1][1] or '0-0'
if ARGV[1] ~= '0-0' and #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then
  return {1, last, {}}
end
local found = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2])
return {0, last, found or {}} -- none at all, if none were asked for
""")


class SharedLog:
    """Redis gives the ids, by its own clock."""

    def __init__(self, settings: EventSettings, fanout: Fanout, redis: RedisClient) -> None:
        self._settings = settings
        self._fanout = fanout
        self._redis = redis

    async def append(self, topic: str, payload: bytes) -> EventId:
        kept, seconds = self._settings.events_kept, self._settings.events_kept_seconds
        channel = self._fanout.address(channel_of(topic))
        found = await self._redis.run(APPEND, [self._key(topic)], (payload, kept, seconds, channel))
        return _id(found)

    async def after(self, topic: str, event_id: EventId, limit: int) -> Page:
        gone, newest, entries = await self._redis.run(
            AFTER, [self._key(topic)], (str(event_id), limit)
        )
        events = [Event.of(_id(entry), fields[1]) for entry, fields in entries]
        return Page(events, gone == 1, _id(newest))

    def _key(self, topic: str) -> str:
        return f"{self._redis.prefix}:events:{topic}"


def _id(found: bytes) -> EventId:
    return EventId.parse(found.decode()) or START
