"""What waits for one client: so much, and not more."""

import asyncio
from collections import deque
from collections.abc import Sequence

from app.core.events.log import Event

SHARE_BYTES = 65_536
"""What is taken at once, but for one event that is larger: all that waits would be a copy of all
of it for each client that is behind, where the events themselves are there once.
"""


class Inbox:
    """A client that is too slow loses its stream, and nobody waits for it: it may resume."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._events: deque[Event] = deque()
        self._arrived = asyncio.Event()
        self._has_ended = False

    @property
    def is_over(self) -> bool:
        """There is nothing in it, and there will be nothing."""
        return self._has_ended and not self._events

    def put(self, event: Event) -> None:
        if self._has_ended:
            return
        if len(self._events) == self._size:
            # What it has not read by now it gets when it resumes.
            self._events.clear()
            self.end()
        else:
            self._events.append(event)
            self._arrived.set()

    def end(self) -> None:
        """What is in it is the last."""
        self._has_ended = True
        self._arrived.set()

    async def take(self, patience: float) -> Sequence[Event]:
        """The next ones, as soon as there are some; nothing after that many seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._arrived.wait()
        except TimeoutError:
            return ()
        taken, size = [], 0
        while self._events and size < SHARE_BYTES:
            taken.append(self._events.popleft())
            size += len(taken[-1].frame)
        if not (self._events or self._has_ended):
            self._arrived.clear()
        return taken
