"""One topic as this process follows it, for all of its clients."""

import asyncio

from app.core.events.inbox import Inbox
from app.core.events.log import START, Event, EventId, Log, Page, reset
from app.core.logging import get_logger
from app.redis.client import RedisUnavailable

logger = get_logger(__name__)

PAGE = 50
HELD = 1000
"""Messages that are held back, at most: what is too much is read from the log instead."""
RETRY_SECONDS = 0.5


class Topic:
    """Passes on what comes over the channel, and after an outage first what was missed meanwhile.

    Messages that arrive while the log is read are held back: an id never comes after a later one.
    """

    def __init__(self, name: str, log: Log) -> None:
        self.name = name
        self.inboxes: set[Inbox] = set()
        self.follows = asyncio.Event()
        """Set as soon as nothing is missed any more."""
        self._log = log
        self._last: EventId | None = None
        self._held: list[Event] | None = []
        self._is_behind = False
        """The log has something that was not delivered, and is not held either."""
        self._catching_up: asyncio.Task[None] | None = None

    def connected(self) -> None:
        self._stop()
        if self._held is None:
            self._held = []
        self._catching_up = asyncio.create_task(self._catch_up_or_end())

    def receive(self, message: bytes) -> None:
        event = Event.read(message)
        if self._held is None:
            self._deliver(event)
        elif len(self._held) < HELD:
            self._held.append(event)
        else:
            self._held.clear()
            self._is_behind = True

    def close(self) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._catching_up is not None:
            self._catching_up.cancel()

    async def _catch_up_or_end(self) -> None:
        try:
            await self._catch_up()
        except Exception:
            logger.exception("topic_interrupted", topic=self.name)
            # Clients that come back are better than clients that wait for nothing.
            for inbox in self.inboxes:
                inbox.end()

    async def _catch_up(self) -> None:
        if self._last is None:
            self._last = (await self._read(START, 1)).newest
        else:
            self._is_behind = True
        while self._is_behind:
            self._is_behind = False
            await self._deliver_missed(self._last)
        held, self._held = self._held or [], None
        for event in held:
            self._deliver(event)
        self.follows.set()

    async def _deliver_missed(self, last: EventId) -> None:
        page = await self._read(last, PAGE)
        while page.events:
            for event in page.events:
                self._deliver(event)
            page = await self._read(page.events[-1].id, PAGE)
        if page.is_gone:
            self._deliver(reset(page.newest))
            self._last = page.newest

    async def _read(self, last: EventId, limit: int) -> Page:
        while True:
            try:
                return await self._log.after(self.name, last, limit)
            except RedisUnavailable:
                limit = (limit + 1) // 2  # it may have been too much for the time that there is
                await asyncio.sleep(RETRY_SECONDS)

    def _deliver(self, event: Event) -> None:
        if self._last is None or event.id > self._last or event.is_reset:
            self._last = event.id
            for inbox in self.inboxes:
                inbox.put(event)
