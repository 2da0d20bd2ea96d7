"""Topics: publish events, and follow them."""

import json
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, contextmanager
from functools import partial
from typing import Any

from app.core.errors import Invalid, PayloadTooLarge, Unavailable
from app.realtime.event_log import START, EventId, EventLog, MemoryLog, RedisLog, channel_of
from app.realtime.pubsub import PubSub
from app.realtime.stream_settings import StreamSettings
from app.realtime.streams import HEARTBEAT, HEARTBEAT_SECONDS, closing_frame
from app.realtime.subscribers import BUFFER_SIZE, SubscriberQueue, Topic
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
        with self._subscription(name) as (topic, queue):
            while not (await topic.is_ready(READY_TIMEOUT_SECONDS) or queue.is_done):
                yield HEARTBEAT
            if not queue.is_done:
                yield OPENED
            last = START
            if last_event_id is not None:
                seen = EventId.parse(last_event_id) or UNKNOWN
                async with aclosing(topic.events_after(seen)) as missed:
                    async for event in missed:
                        yield event.frame
                        last = event.id
                        if self._pubsub.is_closing:
                            break
            while not queue.is_done:
                events = await queue.get(HEARTBEAT_SECONDS)
                chunk = b"".join(event.frame for event in events if event.follows(last))
                if chunk or not queue.is_done:
                    yield chunk or HEARTBEAT
        if self._pubsub.is_closing:
            yield closing_frame()

    @contextmanager
    def _subscription(self, name: str) -> Generator[tuple[Topic, SubscriberQueue]]:
        make, queue = partial(Topic, name, self._log), SubscriberQueue(BUFFER_SIZE)
        with self._pubsub.subscription(channel_of(name), make) as topic:
            topic.queues.add(queue)
            try:
                yield topic, queue
            finally:
                topic.queues.remove(queue)


def make_topics(settings: StreamSettings, redis: RedisClient | None, pubsub: PubSub) -> Topics:
    """The topics of an application."""
    log = MemoryLog(settings, pubsub) if redis is None else RedisLog(settings, pubsub, redis)
    return Topics(log, pubsub)
