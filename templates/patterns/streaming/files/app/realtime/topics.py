"""Topics: publish events, and follow them."""

import asyncio
import json
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any

from app.core.errors import Invalid, PayloadTooLarge, Unavailable
from app.realtime.event_log import (
    START,
    Event,
    EventId,
    EventLog,
    MemoryLog,
    RedisLog,
    channel_of,
    reset,
)
from app.realtime.pubsub import PubSub
from app.realtime.streams import HEARTBEAT, HEARTBEAT_SECONDS, StreamSettings, closing_frame
from app.realtime.subscribers import BUFFER_SIZE, PAGE_SIZE, RETRY_SECONDS, SubscriberQueue, Topic
from app.redis.client import RedisClient, RedisUnavailable

MAX_EVENT_BYTES = 65_536
UNKNOWN = EventId(0, 1)
"""The id of no event, in place of an id that is invalid."""
OPENED = b": open\n\n"
"""After this comment no event is missed."""
READY_TIMEOUT_SECONDS = 2.0
"""A new stream gets heartbeats while it waits longer for its channel."""


class Topics:
    """An event is encoded once; all clients get the same bytes."""

    def __init__(self, log: EventLog, pubsub: PubSub) -> None:
        self._log = log
        self._pubsub = pubsub
        self._topics: dict[str, Topic] = {}
        self._is_closing = False

    async def publish(self, topic: str, event_type: str, data: Mapping[str, Any]) -> str:
        """Store an event, and send it to the clients of all processes; returns its id.

        Raises:
            Invalid, PayloadTooLarge: the data is not JSON, or too large.
            Unavailable: Redis does not reply; it is unknown whether the event was stored.
        """
        try:
            text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        except ValueError:
            raise Invalid("NaN and infinity are not JSON.", location=("body", "data")) from None
        payload = f"event: {event_type}\ndata: {text}\n\n".encode()
        if len(payload) > MAX_EVENT_BYTES:
            raise PayloadTooLarge(f"An event has up to {MAX_EVENT_BYTES} bytes.")
        try:
            return str(await self._log.append(topic, payload))
        except RedisUnavailable:
            raise Unavailable("The event could not be stored.") from None

    async def follow(self, name: str, last_event_id: str | None = None) -> AsyncGenerator[bytes]:
        """The events of a topic as they are published, after `last_event_id` if given.

        The stream ends when the service shuts down, or when the client falls too far behind.
        """
        if self._is_closing:
            raise Unavailable("The service is shutting down.")
        with self._subscription(name) as (topic, queue):
            while not await topic.is_ready(READY_TIMEOUT_SECONDS):
                if queue.is_done:
                    break
                yield HEARTBEAT
            else:
                yield OPENED
            last = START
            if last_event_id is not None:
                async with aclosing(self._missed(name, last_event_id)) as missed:
                    async for event in missed:
                        yield event.frame if event else HEARTBEAT
                        last = event.id if event else last
            while not queue.is_done:
                events = await queue.get(HEARTBEAT_SECONDS)
                frames = [event.frame for event in events if event.id > last or event.is_reset]
                if frames:
                    yield b"".join(frames)
                elif not queue.is_done:
                    yield HEARTBEAT
        if self._is_closing:
            yield closing_frame()

    def close(self) -> None:
        """End all streams; the clients reconnect to another instance."""
        self._is_closing = True
        for topic in self._topics.values():
            for queue in topic.queues:
                queue.close()

    @contextmanager
    def _subscription(self, name: str) -> Generator[tuple[Topic, SubscriberQueue]]:
        channel = channel_of(name)
        if (topic := self._topics.get(name)) is None:
            topic = self._topics[name] = Topic(name, self._log)
            self._pubsub.subscribe(channel, topic)
        queue = SubscriberQueue(BUFFER_SIZE)
        topic.queues.add(queue)
        try:
            yield topic, queue
        finally:
            topic.queues.remove(queue)
            if not topic.queues:
                del self._topics[name]
                self._pubsub.unsubscribe(channel)
                topic.close()

    async def _missed(self, name: str, last_event_id: str) -> AsyncGenerator[Event | None]:
        """The stored events after an id; None while Redis is unavailable."""
        last, limit = EventId.parse(last_event_id) or UNKNOWN, PAGE_SIZE
        while not self._is_closing:
            try:
                page = await self._log.after(name, last, limit)
            except RedisUnavailable:
                yield None
                limit = (limit + 1) // 2  # the page may have been too large for the timeout
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if page.has_expired:
                yield reset(page.newest)
            for event in page.events:
                yield event
            if not page.events:
                return
            last = page.events[-1].id


@asynccontextmanager
async def open_topics(
    settings: StreamSettings, redis: RedisClient | None, pubsub: PubSub
) -> AsyncGenerator[Topics]:
    """The topics of an application."""
    log = MemoryLog(settings, pubsub) if redis is None else RedisLog(settings, pubsub, redis)
    topics = Topics(log, pubsub)
    try:
        yield topics
    finally:
        topics.close()
