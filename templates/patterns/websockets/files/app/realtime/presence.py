"""A room in this process: its clients, and who is present in all processes."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress

from app.core.logging import get_logger
from app.realtime.messages import Members
from app.realtime.pubsub import PubSub
from app.realtime.sockets import GOING_AWAY, SocketClient
from app.redis.client import RedisClient, RedisUnavailable

logger = get_logger(__name__)

PRESENCE_CHANGED = b"presence"
PRESENCE_SECONDS = 30
"""Time until the clients of a killed process disappear."""
RETRY_SECONDS = 1
"""Between two heartbeats while Redis is unavailable."""
PAUSE_SECONDS = 0.1
"""Between two updates of the members; longer in large rooms, where each one is sent to many."""
Own = Collection[tuple[int, str]]
"""The numbers and names of the clients of this process."""


def channel_of(room: str) -> str:
    return f"rooms:{room}"


class Presence:
    """Each process repeats who its clients are; clients that are not repeated expire.

    During a Redis outage, and without Redis, a process shows its own clients.
    """

    def __init__(self, redis: RedisClient | None, pubsub: PubSub, process: str) -> None:
        self._redis = redis
        self._pubsub = pubsub
        self._process = process

    async def heartbeat(self, room: str, own: Callable[[], Own]) -> Collection[str]:
        """Repeat the clients of this process; the names of all members.

        Raises:
            RedisUnavailable: they are not known.
        """
        if self._redis is None:
            return names_of(own())
        return await self._exchange(self._redis, room, own)

    async def announce(self, room: str) -> None:
        """Let all processes show the members anew."""
        with suppress(RedisUnavailable):  # other processes notice it with their next heartbeat
            await self._pubsub.publish(channel_of(room), PRESENCE_CHANGED)

    def leave(self, room: str, number: int, name: str) -> None:
        """Remove a client of this process."""
        if self._redis is not None:
            entry = self._entry(number, name)
            self._redis.execute_nowait("ZREM", self._key(self._redis, room), entry)

    async def _exchange(self, redis: RedisClient, room: str, own: Callable[[], Own]) -> set[str]:
        seconds, microseconds = await redis.execute("TIME")
        now = 1000 * int(seconds) + int(microseconds) // 1000
        key, expires_at = self._key(redis, room), now + 1000 * PRESENCE_SECONDS
        # Asked for after the wait: a client that left meanwhile must not be added again.
        entries = [self._entry(*one) for one in own()]
        *added, _, _, found = await redis.transaction(
            *(("ZADD", key, expires_at, entry) for entry in entries),
            ("ZREMRANGEBYSCORE", key, "-inf", now),
            ("PEXPIRE", key, 2000 * PRESENCE_SECONDS),
            ("ZRANGE", key, 0, -1),
        )
        names = {entry.decode().split("/", 2)[2] for entry in found}
        if 1 in added:  # not earlier: other processes would not find them
            await self.announce(room)
        return names

    def _entry(self, number: int, name: str) -> str:
        return f"{self._process}/{number}/{name}"

    def _key(self, redis: RedisClient, room: str) -> str:
        return f"{redis.prefix}:presence:{room}"


def names_of(own: Own) -> Collection[str]:
    return {name for _, name in own}


class Room:
    """Subscribes to the channel of a room, and sends its messages to the clients."""

    def __init__(self, name: str, presence: Presence) -> None:
        self.name = name
        self.clients: set[SocketClient] = set()
        self.is_ready = asyncio.Event()
        """Set as soon as no message is missed any more."""
        self._presence = presence
        self._shown: list[str] | None = None
        self._is_outdated = asyncio.Event()
        self._updating = asyncio.create_task(self._keep_members())

    def connected(self) -> None:
        self.is_ready.set()
        self.update_members()

    def receive(self, message: bytes) -> None:
        if message == PRESENCE_CHANGED:
            self.update_members()
        else:
            self._send(message.decode())

    def update_members(self, *, send_always: bool = False) -> None:
        """Send the members to the clients if they have changed."""
        if send_always:
            self._shown = None
        self._is_outdated.set()

    def shut_down(self) -> None:
        for client in self.clients:
            client.close(GOING_AWAY)

    def close(self) -> None:
        self._updating.cancel()

    async def _keep_members(self) -> None:
        """Update the members when they have changed, and before those of this process expire."""
        while True:
            pause: float = PRESENCE_SECONDS / 3
            try:
                await self._update_members()
            except RedisUnavailable:
                await self._show(names_of(self._own()))
                pause = RETRY_SECONDS
            except Exception:
                logger.exception("members_failed", room=self.name)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._is_outdated.wait()

    async def _update_members(self) -> None:
        self._is_outdated.clear()
        await self._show(await self._presence.heartbeat(self.name, self._own))

    async def _show(self, names: Collection[str]) -> None:
        members = sorted(names)
        if members != self._shown:
            self._shown = members
            self._send(Members(room=self.name, members=members).model_dump_json())
        await asyncio.sleep(PAUSE_SECONDS + len(members) / 1000)

    def _own(self) -> Own:
        return [(client.number, client.member.name) for client in self.clients]

    def _send(self, text: str) -> None:
        for client in tuple(self.clients):
            client.put(text)
