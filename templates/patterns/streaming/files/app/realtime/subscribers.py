"""A topic in this process: the queues of its clients, and the events that reach them."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence

from app.core.logging import get_logger
from app.realtime.event_log import START, Event, EventId, EventLog, reset
from app.realtime.streams import HEARTBEAT
from app.redis.client import RedisUnavailable

logger = get_logger(__name__)

BUFFER_SIZE = 256
"""A client that is this many events behind is disconnected, and may resume."""
PAGE_SIZE = 50
RETRY_SECONDS = 0.5
CHUNK_BYTES = 65_536
"""Events are joined up to this size. Chunks of all clients that are behind stay small."""


class SubscriberQueue:
    """The events that wait for one client. A client that falls too far behind is disconnected."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._events: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._is_closed = False

    @property
    def is_done(self) -> bool:
        """Whether it is closed and empty."""
        return self._is_closed and not self._events

    def put(self, event: Event) -> None:
        if self._is_closed:
            return
        if len(self._events) == self._size:
            self._events.clear()  # the client gets them when it resumes
            self.close()
        else:
            self._events.append(event)
            self._wake.set()

    def close(self) -> None:
        """Accept no more events."""
        self._is_closed = True
        self._wake.set()

    async def get(self, timeout: float) -> Sequence[Event]:  # noqa: ASYNC109
        """The next events, as soon as there are some; none after the timeout, in seconds."""
        if not self._wake.is_set():
            if not await is_set_within(self._wake, timeout):
                return ()
            await asyncio.sleep(0)  # events that are published together are sent together
        events, size = [], 0
        while self._events and size < CHUNK_BYTES:
            events.append(self._events.popleft())
            size += len(events[-1].frame)
        if not (self._events or self._is_closed):
            self._wake.clear()
        return events


class Topic:
    """Subscribes to the channel of a topic, and gives its events to the queues of the clients.

    At first and after each reconnect, events are read from the log until no message has arrived
    meanwhile. So none is missed, and ids never go back.
    """

    def __init__(self, name: str, log: EventLog) -> None:
        self.name = name
        self.queues: set[SubscriberQueue] = set()
        self._ready = asyncio.Event()
        self._log = log
        self._last: EventId | None = None
        self._reads_log = True
        self._is_behind = False
        """Whether the log has events that were not delivered."""
        self._catching_up: asyncio.Task[None] | None = None

    async def is_ready(self, timeout: float) -> bool:  # noqa: ASYNC109
        """Whether no event is missed any more, within the timeout."""
        return await is_set_within(self._ready, timeout)

    def connected(self) -> None:
        self.close()
        self._reads_log = True
        self._catching_up = asyncio.create_task(self._catch_up())

    def receive(self, message: bytes) -> None:
        if self._reads_log:
            self._is_behind = True
        else:
            self._deliver(Event.from_frame(message))

    def shut_down(self) -> None:
        for queue in self.queues:
            queue.close()

    def close(self) -> None:
        if self._catching_up is not None:
            self._catching_up.cancel()

    async def events_after(self, last: EventId) -> AsyncGenerator[Event]:
        """The stored events after an id; heartbeats with its id while Redis is unavailable."""
        limit = PAGE_SIZE
        while True:
            try:
                page = await self._log.after(self.name, last, limit)
            except RedisUnavailable:
                yield Event(last, HEARTBEAT)
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

    async def _catch_up(self) -> None:
        while self._reads_log:
            try:
                await self._read_log()
            except Exception:
                logger.exception("topic_failed", topic=self.name)
                self.shut_down()  # the clients reconnect
                await asyncio.sleep(RETRY_SECONDS)

    async def _read_log(self) -> None:
        if self._last is None:
            self._last = await self._newest()
            self._ready.set()
        else:
            self._is_behind = True
        while self._is_behind:
            self._is_behind = False
            async for event in self.events_after(self._last):
                self._deliver(event)
        self._reads_log = False

    async def _newest(self) -> EventId:
        while True:
            try:
                return (await self._log.after(self.name, START, 1)).newest
            except RedisUnavailable:
                await asyncio.sleep(RETRY_SECONDS)

    def _deliver(self, event: Event) -> None:
        if self._last is None or event.follows(self._last):
            self._last = event.id
            for queue in self.queues:
                queue.put(event)


async def is_set_within(event: asyncio.Event, timeout: float) -> bool:  # noqa: ASYNC109
    """Wait for an event; whether it was set within the timeout, in seconds."""
    try:
        async with asyncio.timeout(timeout):
            return await event.wait()
    except TimeoutError:
        return False
