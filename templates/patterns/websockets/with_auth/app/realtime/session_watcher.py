"""Closes the sockets of sessions that have ended, in every process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import select

from app.auth.models import UserSession
from app.core.errors import AppError
from app.core.logging import get_logger
from app.db.database import Database
from app.realtime.pubsub import PubSub
from app.realtime.rooms import Rooms
from app.realtime.socket_settings import SocketSettings
from app.realtime.sockets import SESSION_ENDED
from app.redis.client import RedisUnavailable

logger = get_logger(__name__)

CHANNEL = "sessions"
WATCHED = frozenset({"UserSession", "User"})
BATCH_SIZE = 100
PAUSE_SECONDS = 0.5
"""Between two checks: many users sign in, few sessions end."""


class SessionWatcher:
    """Checks the sessions of all sockets after each change of a session, and periodically."""

    def __init__(
        self, settings: SocketSettings, database: Database, pubsub: PubSub, rooms: Rooms
    ) -> None:
        self._seconds = settings.session_check_seconds
        self._database = database
        self._pubsub = pubsub
        self._rooms = rooms
        self._changed = asyncio.Event()

    async def on_commit(self, changed: frozenset[str]) -> None:
        """Let all processes check."""
        if changed & WATCHED:
            self._changed.set()
            with suppress(RedisUnavailable):
                await self._pubsub.publish(CHANNEL, b"")

    def connected(self) -> None:
        self._changed.set()

    def receive(self, _message: bytes) -> None:
        self._changed.set()

    async def run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._changed.wait()
            self._changed.clear()
            try:
                await self.check()
            except AppError:
                pass  # the database is unavailable: the next check follows
            except Exception:
                logger.exception("session_check_failed")
            await asyncio.sleep(PAUSE_SECONDS)

    async def check(self) -> None:
        """Close the sockets whose session does not exist any more."""
        ids = [*({client.member.session_id for client in self._rooms.clients} - {None})]
        for start in range(0, len(ids), BATCH_SIZE):
            batch = ids[start : start + BATCH_SIZE]
            statement = select(UserSession.id).where(UserSession.id.in_(batch))
            active = await self._database.read_session().scalars(statement)
            self._rooms.close_sessions({*batch} - {*active}, SESSION_ENDED)


@asynccontextmanager
async def watching(
    settings: SocketSettings, database: Database, pubsub: PubSub, rooms: Rooms
) -> AsyncGenerator[SessionWatcher]:
    """The session watcher of an application, while it runs."""
    watcher = SessionWatcher(settings, database, pubsub, rooms)
    pubsub.subscribe(CHANNEL, watcher)
    running = asyncio.create_task(watcher.run())
    try:
        yield watcher
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        pubsub.unsubscribe(CHANNEL)
