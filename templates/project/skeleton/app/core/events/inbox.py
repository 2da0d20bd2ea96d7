"""What waits for one client: so much, and not more."""

import asyncio
from collections import deque
from collections.abc import Sequence

from app.core.events.log import Event


class Inbox:
    """A client that is too slow loses its stream, and nobody waits for it: it may resume."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._events: deque[Event] = deque()
        self._arrived = asyncio.Event()
        self.is_over = False
        """What is in it is the last."""

    def put(self, event: Event) -> None:
        if self.is_over:
            return
        if len(self._events) == self._size:
            # What it has not read by now it gets when it resumes.
            self._events.clear()
            self.end()
        else:
            self._events.append(event)
            self._arrived.set()

    def end(self) -> None:
        self.is_over = True
        self._arrived.set()

    async def take(self, patience: float) -> Sequence[Event]:
        """All that is there, as soon as there is something; nothing after that many seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._arrived.wait()
        except TimeoutError:
            return ()
        taken = [*self._events]
        self._events.clear()
        if not self.is_over:
            self._arrived.clear()
        return taken
