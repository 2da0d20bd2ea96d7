"""What a process does with topics: publish, and follow."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from typing import Any

from app.core.errors import Invalid, Unavailable
from app.core.events.inbox import Inbox
from app.core.events.log import START, Event, EventId, Log, MemoryLog, channel_of, reset
from app.core.events.settings import EventSettings
from app.core.events.shared_log import SharedLog
from app.core.events.topic import PAGE, RETRY_SECONDS, Topic
from app.core.fanout.channels import Fanout
from app.core.streams.errors import TooLarge
from app.redis.client import RedisClient, RedisUnavailable

NEVER = EventId(0, 1)
"""The id of no event: what a client says that cannot be read."""
OPENED = b": open\n\n"
"""From here on nothing is missed."""
HEARTBEAT = b": alive\n\n"
PATIENCE_SECONDS = 2.0
"""How long a new stream waits for its channel in silence: the client may think nobody is there."""
LONGEST_RETRY = 3000
"""Milliseconds after which who is sent away may come back, at most: not all at once."""


class Topics:
    """Every event is encoded once; all who follow get the same bytes."""

    def __init__(self, settings: EventSettings, log: Log, fanout: Fanout) -> None:
        self._settings = settings
        self._log = log
        self._fanout = fanout
        self._topics: dict[str, Topic] = {}
        self._is_closing = False

    async def publish(self, topic: str, kind: str, data: Mapping[str, Any]) -> str:
        """Keep an event, and give it to all who follow the topic, in every process; its id.

        Raises:
            Invalid, TooLarge: the data is no JSON, or too much.
            Unavailable: Redis does not answer; nobody knows whether the event was taken.
        """
        try:
            text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        except ValueError:
            raise Invalid("NaN and infinity are not JSON.", location=("body", "data")) from None
        payload = f"event: {kind}\ndata: {text}\n\n".encode()
        if len(payload) > self._settings.event_max_bytes:
            raise TooLarge("The event is larger than this service accepts.")
        try:
            return str(await self._log.append(topic, payload))
        except RedisUnavailable:
            raise Unavailable("The event could not be kept.") from None

    async def follow(self, name: str, last_id: str | None = None) -> AsyncGenerator[bytes]:
        """The events of a topic as they come; after `last_id`, if one is given.

        It ends when the service does, or when the client falls too far behind.
        """
        if self._is_closing:
            raise Unavailable("The service is about to stop.")
        with self._follower(name) as (topic, inbox):
            async with aclosing(self._events(topic, inbox, last_id)) as chunks:
                async for chunk in chunks:
                    yield chunk
            if self._is_closing:
                yield goodbye()

    def close(self) -> None:
        """End all streams; their clients may resume elsewhere."""
        self._is_closing = True
        for topic in self._topics.values():
            for inbox in topic.inboxes:
                inbox.end()

    async def _events(
        self, topic: Topic, inbox: Inbox, last_id: str | None
    ) -> AsyncGenerator[bytes]:
        while not await _is_set_within(topic.follows, PATIENCE_SECONDS):
            if inbox.is_over:
                return
            yield HEARTBEAT
        yield OPENED
        last = START
        if last_id is not None:
            async for event in self._missed(topic.name, last_id):
                if event is None and self._is_closing:
                    return
                yield event.frame if event else HEARTBEAT
                last = event.id if event else last
        while not inbox.is_over:
            events = await inbox.take(self._settings.event_heartbeat_seconds)
            fresh = [event for event in events if event.id > last or event.is_reset]
            if fresh:
                last = fresh[-1].id
                yield b"".join(event.frame for event in fresh)
            elif not inbox.is_over:
                yield HEARTBEAT

    @contextmanager
    def _follower(self, name: str) -> Generator[tuple[Topic, Inbox]]:
        channel = channel_of(name)
        if (topic := self._topics.get(name)) is None:
            topic = self._topics[name] = Topic(name, self._log)
            self._fanout.join(channel, topic)
        inbox = Inbox(self._settings.event_queue)
        topic.inboxes.add(inbox)
        try:
            yield topic, inbox
        finally:
            topic.inboxes.remove(inbox)
            if not topic.inboxes:
                del self._topics[name]
                self._fanout.leave(channel)
                topic.close()

    async def _missed(self, name: str, last_id: str) -> AsyncGenerator[Event | None]:
        """What came after `last_id`; None while Redis is silent."""
        last, limit = EventId.parse(last_id) or NEVER, PAGE
        while True:
            try:
                page = await self._log.after(name, last, limit)
            except RedisUnavailable:
                yield None
                limit = (limit + 1) // 2  # it may have been too much for the time that there is
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if page.is_gone:
                yield reset(page.newest)
            for event in page.events:
                yield event
            if not page.events:
                return
            last = page.events[-1].id


def goodbye() -> bytes:
    """What a stream ends with when the service does."""
    return b": closing\nretry: %d\n\n" % random.randint(500, LONGEST_RETRY)  # noqa: S311


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


@asynccontextmanager
async def open_topics(
    settings: EventSettings, redis: RedisClient | None, fanout: Fanout
) -> AsyncGenerator[Topics]:
    """The topics of an application, from its start to its end."""
    log = MemoryLog(settings, fanout) if redis is None else SharedLog(settings, fanout, redis)
    topics = Topics(settings, log, fanout)
    try:
        yield topics
    finally:
        topics.close()
