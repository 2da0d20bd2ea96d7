"""The recent events of each topic, for clients that reconnect: in Redis, or in memory."""

import re
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from time import time_ns
from typing import NamedTuple

from app.realtime.pubsub import PubSub
from app.realtime.stream_settings import StreamSettings
from app.redis.client import RedisClient

RETENTION_SECONDS = 86_400
"""In Redis, a topic without a new event is deleted after that."""
EVENT_ID = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
APPEND_EVENT = Path(__file__).with_name("append_event.lua").read_text("utf-8")


class EventId(NamedTuple):
    """Milliseconds and a number, as in Redis streams: ids keep rising after a restart."""

    milliseconds: int
    number: int

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> "EventId | None":
        """The id in a text; None if it is not one."""
        found = EVENT_ID.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None


START = EventId(0, 0)
"""Before every event."""


class Event(NamedTuple):
    """An event as it is sent: encoded once, for all clients."""

    id: EventId
    frame: bytes

    @classmethod
    def of(cls, event_id: EventId, payload: bytes) -> "Event":
        return cls(event_id, b"id: %s\n%s" % (str(event_id).encode(), payload))

    def follows(self, last: EventId) -> bool:
        """Whether clients get it after the event `last`. They get every reset."""
        return self.id > last or self.frame.startswith(RESET)

    @classmethod
    def from_frame(cls, frame: bytes) -> "Event":
        return cls(_id(frame.partition(b"\n")[0].removeprefix(b"id: ")), frame)


RESET = b"event: reset\n"


def reset(newest: EventId) -> Event:
    """Tells clients that events have expired; they continue after `newest`."""
    event_id = b"" if newest == START else b"id: %s\n" % str(newest).encode()
    return Event(newest, RESET + event_id + b"data: {}\n\n")


class Page(NamedTuple):
    """Events after an id."""

    events: Sequence[Event]
    has_expired: bool
    """The event with that id has expired, and events after it may have too."""
    newest: EventId


def channel_of(topic: str) -> str:
    return f"events:{topic}"


class MemoryLog:
    """In the memory of one process: the last events of all topics together."""

    def __init__(self, settings: StreamSettings, pubsub: PubSub) -> None:
        self._pubsub = pubsub
        self._events: deque[tuple[str, Event]] = deque(maxlen=settings.event_retention_count)
        self._last = START

    async def append(self, topic: str, payload: bytes) -> EventId:
        """Store an event, and publish it on the channel of the topic, in the same order."""
        now, last = time_ns() // 1_000_000, self._last
        is_later = now > last.milliseconds
        self._last = EventId(now, 0) if is_later else last._replace(number=last.number + 1)
        event = Event.of(self._last, payload)
        self._events.append((topic, event))
        await self._pubsub.publish(channel_of(topic), event.frame)
        return event.id

    async def after(self, topic: str, event_id: EventId, limit: int) -> Page:
        """The next events after that id, up to `limit`."""
        events = [event for name, event in self._events if name == topic]
        newest = events[-1].id if events else START
        if event_id != START and all(event.id != event_id for event in events):
            return Page((), has_expired=True, newest=newest)
        later = [event for event in events if event.id > event_id]
        return Page(later[:limit], has_expired=False, newest=newest)


class RedisLog:
    """In Redis, a stream for each topic. Redis assigns the ids, by its own clock.

    Both methods may raise `RedisUnavailable`.
    """

    def __init__(self, settings: StreamSettings, pubsub: PubSub, redis: RedisClient) -> None:
        self._settings = settings
        self._pubsub = pubsub
        self._redis = redis

    async def append(self, topic: str, payload: bytes) -> EventId:
        channel = self._pubsub.full_name(channel_of(topic))
        kept = self._settings.event_retention_count, RETENTION_SECONDS
        script = ("EVAL", APPEND_EVENT, 1, self._key(topic), payload, *kept, channel)
        return _id(await self._redis.execute(*script))

    async def after(self, topic: str, event_id: EventId, limit: int) -> Page:
        key = self._key(topic)
        newest, known, later = await self._redis.transaction(
            ("XREVRANGE", key, "+", "-", "COUNT", 1),
            ("XRANGE", key, str(event_id), str(event_id)),
            ("XRANGE", key, f"({event_id}", "+", "COUNT", limit),
        )
        has_expired = event_id != START and not known
        events = [] if has_expired else [Event.of(_id(one), fields[1]) for one, fields in later]
        return Page(events, has_expired, _id(newest[0][0]) if newest else START)

    def _key(self, topic: str) -> str:
        return f"{self._redis.prefix}:events:{topic}"


EventLog = MemoryLog | RedisLog


def _id(reply: bytes) -> EventId:
    return EventId.parse(reply.decode()) or START
