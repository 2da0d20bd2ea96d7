"""Closes sockets whose session has ended, in whichever process it was ended."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import select

from app.auth.models import UserSession
from app.core.errors import AppError
from app.core.fanout.channels import Fanout
from app.core.logging import get_logger
from app.core.sockets.closing import ENDED
from app.core.sockets.hub import Hub
from app.core.sockets.settings import SocketSettings
from app.db.database import Database
from app.redis.client import RedisUnavailable

logger = get_logger(__name__)

CHANNEL = "sessions"
WATCHED = frozenset({"UserSession", "User"})
BATCH = 100
PAUSE_SECONDS = 0.5
"""Between two looks: many sign in, few are signed out."""


class Guard:
    """Looks when a session somewhere has changed, and from time to time all the same."""

    def __init__(
        self, settings: SocketSettings, database: Database, fanout: Fanout, hub: Hub
    ) -> None:
        self._seconds = settings.session_check_seconds
        self._database = database
        self._fanout = fanout
        self._hub = hub
        self._changed = asyncio.Event()

    async def tell(self, changed: frozenset[str]) -> None:
        """After every commit: let all processes look."""
        if changed & WATCHED:
            self._changed.set()
            with suppress(RedisUnavailable):
                await self._fanout.publish(CHANNEL, b"")

    def connected(self) -> None:
        self._changed.set()

    def receive(self, _message: bytes) -> None:
        self._changed.set()

    async def watch(self) -> None:
        """Look for ever."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._changed.wait()
            self._changed.clear()
            try:
                await self.look()
            except AppError:
                pass  # who cannot be checked now is checked the next time
            except Exception:
                logger.exception("sessions_not_checked")
            await asyncio.sleep(PAUSE_SECONDS)

    async def look(self) -> None:
        """Close the sockets whose session is not there any more."""
        sessions = {client.member.session_id for client in self._hub.clients} - {None}
        ids = [*sessions]
        for start in range(0, len(ids), BATCH):
            asked = ids[start : start + BATCH]
            statement = select(UserSession.id).where(UserSession.id.in_(asked))
            active = await self._database.read_session().scalars(statement)
            gone = {*asked} - {*active}
            self._hub.close_sessions(gone, ENDED)


@asynccontextmanager
async def open_guard(
    settings: SocketSettings, database: Database, fanout: Fanout, hub: Hub
) -> AsyncGenerator[Guard]:
    """The guard of an application, from its start to its end."""
    guard = Guard(settings, database, fanout, hub)
    fanout.join(CHANNEL, guard)
    watching = asyncio.create_task(guard.watch())
    try:
        yield guard
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        fanout.leave(CHANNEL)
