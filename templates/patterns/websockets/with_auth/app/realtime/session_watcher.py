"""Closes the sockets of sessions that have ended, in every process."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager, suppress

from sqlalchemy import Select, select

from app.auth.models import User, UserSession
from app.core.errors import AppError
from app.core.logging import get_logger
from app.db.database import Database
from app.db.sessions import ReadSession
from app.realtime.pubsub import PubSub
from app.realtime.rooms import Rooms
from app.realtime.sockets import SESSION_ENDED, Member
from app.redis.client import RedisUnavailable

logger = get_logger(__name__)

CHANNEL = "sessions"
WATCHED = frozenset({"UserSession", "User"})
CHECK_SECONDS = 10
"""How often sessions are checked, besides after each change: a message may be lost."""
BATCH_SIZE = 100
PAUSE_SECONDS = 0.5
"""Between two checks: many users sign in, few sessions end."""


class SessionWatcher:
    """Checks the sessions of all sockets after each change of a session, and periodically."""

    def __init__(self, database: Database, pubsub: PubSub, rooms: Rooms) -> None:
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
                async with asyncio.timeout(CHECK_SECONDS):
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
        """Close the sockets of this process whose session has ended."""
        clients = self._rooms.clients
        reads = self._database.read_session()
        active = await active_members({client.member for client in clients}, reads)
        for client in clients:
            if client.member not in active:
                client.close(SESSION_ENDED)


async def active_members(members: Collection[Member], reads: ReadSession) -> Collection[Member]:
    """Those whose session exists. Users of an identity provider have none: they must be active."""
    sessions, users = select(UserSession.id), select(User.id).where(User.is_active)
    session_ids = {one.session_id for one in members if one.session_id is not None}
    user_ids = {one.user_id for one in members if one.session_id is None}
    active = await _existing(sessions, session_ids, reads)
    active_users = await _existing(users, user_ids, reads)
    return {
        one
        for one in members
        if (one.user_id in active_users if one.session_id is None else one.session_id in active)
    }


async def _existing(
    statement: Select[int], ids: Collection[int | None], reads: ReadSession
) -> Collection[int]:
    found: set[int] = set()
    column, remaining = statement.selected_columns[0], [*ids]
    for start in range(0, len(remaining), BATCH_SIZE):
        batch = remaining[start : start + BATCH_SIZE]
        found.update(await reads.scalars(statement.where(column.in_(batch))))
    return found


@asynccontextmanager
async def watching(
    _settings: object, database: Database, pubsub: PubSub, rooms: Rooms
) -> AsyncGenerator[SessionWatcher]:
    """The session watcher of an application, while it runs."""
    watcher = SessionWatcher(database, pubsub, rooms)
    pubsub.subscribe(CHANNEL, watcher)
    running = asyncio.create_task(watcher.run())
    try:
        yield watcher
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        pubsub.unsubscribe(CHANNEL)
