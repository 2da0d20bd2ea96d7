"""The last events of each topic: what a client can be given that was away."""

import re
from collections import OrderedDict, deque
from collections.abc import Sequence
from time import time_ns
from typing import NamedTuple, Protocol

from app.core.events.settings import EventSettings
from app.core.fanout.channels import Fanout

WRITTEN = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
OVERHEAD = 200
"""Bytes that an event takes in memory besides its frame."""


class EventId(NamedTuple):
    """By time, so that ids go on after a restart; printed as Redis does."""

    milliseconds: int
    number: int

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> "EventId | None":
        """The id that is written there; None if there is none."""
        found = WRITTEN.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None


START = EventId(0, 0)
"""Before every event."""


class Event(NamedTuple):
    """One event, as it goes out to everybody: encoded once."""

    id: EventId
    frame: bytes

    @classmethod
    def of(cls, event_id: EventId, payload: bytes) -> "Event":
        return cls(event_id, b"id: %s\n%s" % (str(event_id).encode(), payload))

    @property
    def is_reset(self) -> bool:
        return self.frame.startswith(RESET)

    def message(self) -> bytes:
        """For a channel."""
        return self.frame.removeprefix(b"id: ")

    @classmethod
    def read(cls, message: bytes) -> "Event":
        """What `message` wrote."""
        milliseconds, _, number = message.partition(b"\n")[0].partition(b"-")
        return cls(EventId(int(milliseconds), int(number)), b"id: " + message)


RESET = b"event: reset\n"


def reset(newest: EventId) -> Event:
    """Tells a client that something is missing; after `newest` nothing is."""
    number = b"" if newest == START else b"id: %s\n" % str(newest).encode()
    return Event(newest, RESET + number + b"data: {}\n\n")


class Page(NamedTuple):
    """What came after an event."""

    events: Sequence[Event]
    is_gone: bool
    """The event itself is not kept any more: nobody knows what came between."""
    newest: EventId


class Log(Protocol):
    """Keeps events in the order of their ids; with Redis, it may raise `RedisUnavailable`."""

    async def append(self, topic: str, payload: bytes) -> EventId:
        """Keep an event, and pass it on to the channel of the topic, in the same order."""

    async def after(self, topic: str, event_id: EventId, limit: int) -> Page:
        """The next events after that one: so many at most, and at least one, if there is one."""


def channel_of(topic: str) -> str:
    return f"events:{topic}"


class MemoryLog:
    """In the memory of one process. When it is full, the topic that rested longest gets shorter."""

    def __init__(self, settings: EventSettings, fanout: Fanout) -> None:
        self._settings = settings
        self._fanout = fanout
        self._topics: OrderedDict[str, deque[Event]] = OrderedDict()
        self._bytes = 0
        self._last = START

    async def append(self, topic: str, payload: bytes) -> EventId:
        now = time_ns() // 1_000_000
        before = self._last
        self._last = (
            EventId(now, 0)
            if now > before.milliseconds
            else EventId(before.milliseconds, before.number + 1)
        )
        event = Event.of(self._last, payload)
        events = self._topics.setdefault(topic, deque())
        self._topics.move_to_end(topic)
        events.append(event)
        self._bytes += len(event.frame) + OVERHEAD
        if len(events) > self._settings.events_kept:
            self._drop(topic)
        while self._bytes > self._settings.events_memory_bytes:
            self._drop(next(iter(self._topics)))
        await self._fanout.publish(channel_of(topic), event.message())
        return event.id

    async def after(self, topic: str, event_id: EventId, limit: int) -> Page:
        kept = self._topics.get(topic, ())
        newest = kept[-1].id if kept else START
        if event_id != START and all(event.id != event_id for event in kept):
            return Page((), is_gone=True, newest=newest)
        later = [event for event in kept if event.id > event_id]
        return Page(later[:limit], is_gone=False, newest=newest)

    def _drop(self, topic: str) -> None:
        events = self._topics[topic]
        self._bytes -= len(events.popleft().frame) + OVERHEAD
        if not events:
            del self._topics[topic]
