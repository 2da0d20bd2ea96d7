"""A room as this process sees it: its own clients, and what reaches them."""

import asyncio

from app.core.sockets.client import Client
from app.core.sockets.presence import Presence
from app.schemas import message

CHANGED = b"presence"
PAUSE_SECONDS = 0.1
"""Between two looks at who is there; more where there are many, who all are told."""


class Room:
    """Passes on texts as they are: they were encoded once, where they were said."""

    def __init__(self, name: str, presence: Presence) -> None:
        self.name = name
        self.clients: set[Client] = set()
        self.visitors = 0
        """Those, and who is about to leave."""
        self.is_open = asyncio.Event()
        """Set as soon as nothing is missed any more."""
        self._presence = presence
        self._shown: list[str] | None = None
        self._is_stale = False
        self._looking: asyncio.Task[None] | None = None

    def connected(self) -> None:
        self.is_open.set()
        self.look()

    def receive(self, message: bytes) -> None:
        if message == CHANGED:
            self.look()
            return
        text = message.decode()
        for client in tuple(self.clients):
            client.put(text)

    def look(self, *, again: bool = False) -> None:
        """Look who is there, and tell it if it has changed; or `again`, to somebody new."""
        self._is_stale = True
        if again:
            self._shown = None
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while self._is_stale:
            self._is_stale = False
            own = [(client.number, client.member.name) for client in self.clients]
            members = await self._presence.meet(self.name, own)
            if members != self._shown:
                self._shown = members
                text = message.Presence(room=self.name, members=members).model_dump_json()
                for client in tuple(self.clients):
                    client.put(text)
            await asyncio.sleep(PAUSE_SECONDS + len(members) / 1000)
