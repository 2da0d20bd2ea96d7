"""Publish/subscribe between the processes of the service: over Redis, or within one process."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from app.core.logging import get_logger
from app.redis.client import RedisClient

logger = get_logger(__name__)

SILENCE_SECONDS = 2.0
"""After that long without data Redis gets a PING; without data for as long again, it is down."""
LONGEST_PAUSE = 1.0
"""The longest pause before a reconnect, in seconds."""


class Subscriber(Protocol):
    """Receives the messages of a channel. It must not block: other channels wait meanwhile."""

    def connected(self) -> None:
        """From now on no message is missed. Called again after each reconnect: then messages may
        have been missed.
        """

    def receive(self, message: bytes) -> None:
        """Messages of a channel arrive in the order in which they were published."""


class PubSub:
    """Within one process. A channel has one subscriber in each process."""

    def __init__(self) -> None:
        self._subscribers: dict[str, Subscriber] = {}

    def full_name(self, channel: str) -> str:
        """The name of a channel outside of this process."""
        return channel

    async def publish(self, channel: str, message: bytes) -> None:
        """Send a message to the subscribers in all processes.

        Raises:
            RedisUnavailable: it is unknown whether the message was sent.
        """
        self._deliver(channel, message)

    def subscribe(self, channel: str, subscriber: Subscriber) -> None:
        """Subscribe to a channel. `connected` is called when that has taken effect."""
        self._subscribers[channel] = subscriber
        subscriber.connected()

    def unsubscribe(self, channel: str) -> None:
        del self._subscribers[channel]

    def _deliver(self, channel: str, message: bytes) -> None:
        if (subscriber := self._subscribers.get(channel)) is None:
            return
        try:
            subscriber.receive(message)
        except Exception:
            logger.exception("message_failed", channel=channel)


class RedisPubSub(PubSub):
    """Over Redis. One task owns the connection: it opens it, writes to it and closes it.

    Other tasks change the table of subscribers, and wake the owner. Redis stores no messages: those
    that are published during an outage are lost.
    """

    def __init__(self, redis: RedisClient) -> None:
        super().__init__()
        self._redis = redis
        self._changed: set[str] = set()
        """Channels that the owner has to subscribe to, or to unsubscribe from."""
        self._wake = asyncio.Event()
        self._unconfirmed: deque[list[tuple[str, Subscriber]]] = deque()
        """Subscriptions before each PING that Redis has not answered yet."""

    def full_name(self, channel: str) -> str:
        return f"{self._redis.prefix}:channel:{channel}"

    async def publish(self, channel: str, message: bytes) -> None:
        await self._redis.execute("PUBLISH", self.full_name(channel), message)

    def subscribe(self, channel: str, subscriber: Subscriber) -> None:
        self._subscribers[channel] = subscriber
        self._change(channel)

    def unsubscribe(self, channel: str) -> None:
        super().unsubscribe(channel)
        self._change(channel)

    def _change(self, channel: str) -> None:
        self._changed.add(channel)
        self._wake.set()

    async def run(self) -> None:
        """Listen, and reconnect after each failure, until the task is cancelled."""
        pause = LONGEST_PAUSE / 8
        while True:
            started_at = asyncio.get_running_loop().time()
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001  # no failure may end all subscriptions
                logger.warning("pubsub_interrupted", error=repr(error))
            was_short = asyncio.get_running_loop().time() - started_at < LONGEST_PAUSE
            pause = min(pause * 2, LONGEST_PAUSE) if was_short else LONGEST_PAUSE / 8
            await asyncio.sleep(pause * (0.5 + random.random() / 2))  # noqa: S311

    async def _listen(self) -> None:
        """Open a connection, and subscribe to all channels, until it fails."""
        # Not the `PubSub` of redis-py: it reconnects by itself, and then knows no subscriptions.
        pool: Any = self._redis.client.connection_pool
        connection = pool.make_connection()
        self._unconfirmed.clear()
        self._changed = {*self._subscribers}
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                await connection.connect()
            reading = asyncio.create_task(self._read(connection))
            writing = asyncio.create_task(self._write(connection))
            try:
                await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _cancel(reading, writing)
        finally:
            await connection.disconnect(nowait=True)
        for task in (reading, writing):
            if not task.cancelled():
                task.result()

    async def _write(self, connection: Any) -> None:  # noqa: ANN401  # redis-py has no types for it
        while True:
            self._wake.clear()
            changed, self._changed = self._changed, set()
            new = [(name, self._subscribers[name]) for name in changed if name in self._subscribers]
            gone = [self.full_name(name) for name in changed if name not in self._subscribers]
            self._unconfirmed.append(new)
            if new:
                await connection.send_command("SUBSCRIBE", *(self.full_name(one) for one, _ in new))
            if gone:
                await connection.send_command("UNSUBSCRIBE", *gone)
            await connection.send_command("PING")
            await self._wake.wait()

    async def _read(self, connection: Any) -> None:  # noqa: ANN401
        start = len(self.full_name(""))
        silent = 0
        while silent < 2:
            reply = await connection.read_response(
                timeout=SILENCE_SECONDS, disconnect_on_error=False, push_request=True
            )
            silent = silent + 1 if reply is None else 0
            match reply:
                case [b"message", channel, message]:
                    self._deliver(channel.decode()[start:], message)
                case b"PONG" | [b"pong", _]:
                    self._confirm(self._unconfirmed.popleft())
                case None:
                    self._wake.set()
        raise TimeoutError(f"no data within {2 * SILENCE_SECONDS} s")

    def _confirm(self, subscriptions: list[tuple[str, Subscriber]]) -> None:
        for channel, subscriber in subscriptions:
            if self._subscribers.get(channel) is subscriber:
                subscriber.connected()


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


@asynccontextmanager
async def open_pubsub(_settings: object, redis: RedisClient | None) -> AsyncGenerator[PubSub]:
    """The publish/subscribe of an application."""
    if redis is None:
        yield PubSub()
        return
    pubsub = RedisPubSub(redis)
    running = asyncio.create_task(pubsub.run())
    try:
        yield pubsub
    finally:
        await _cancel(running)
