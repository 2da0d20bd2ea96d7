"""Publish/subscribe between the processes of the service: over Redis, or within one process."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Protocol, TypeVar

from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.realtime.task_group import run_until_first_ends, running
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

    def shut_down(self) -> None:
        """End the streams or sockets that use the subscription."""

    def close(self) -> None:
        """Nobody uses the subscription any more."""


S = TypeVar("S", bound=Subscriber)


class PubSub:
    """Within one process. A channel has one subscriber in each process."""

    def __init__(self) -> None:
        self._subscribers: dict[str, Any] = {}
        self._uses: Counter[str] = Counter()
        self._is_unused = asyncio.Event()
        self._is_unused.set()
        self.is_closing = False

    def full_name(self, channel: str) -> str:
        """The name of a channel outside of this process."""
        return channel

    async def publish(self, channel: str, message: bytes) -> None:
        """Send a message to the subscribers in all processes.

        Raises:
            RedisUnavailable: it is unknown whether the message was sent.
        """
        self._deliver(channel, message)

    @contextmanager
    def subscription(self, channel: str, make: Callable[[], S]) -> Generator[S]:
        """The subscriber of a channel, which is made for the first of the blocks that use it.

        Raises:
            Unavailable: the service is shutting down.
        """
        if self.is_closing:
            raise Unavailable("The service is shutting down.")
        self._is_unused.clear()
        if channel not in self._subscribers:
            self._subscribers[channel] = make()
            self._change(channel)
        subscriber: S = self._subscribers[channel]
        self._uses[channel] += 1
        try:
            yield subscriber
        finally:
            self._uses[channel] -= 1
            if not self._uses[channel]:
                del self._subscribers[channel], self._uses[channel]
                self._change(channel)
                subscriber.close()
            if not self._subscribers:
                self._is_unused.set()

    def start_to_close(self) -> None:
        """Accept no more users, and end all streams and sockets."""
        self.is_closing = True
        for subscriber in [*self._subscribers.values()]:
            subscriber.shut_down()

    async def close(self) -> None:
        """End all streams and sockets, and wait for them: the server would abort them."""
        self.start_to_close()
        await self._is_unused.wait()

    def _change(self, channel: str) -> None:
        """Subscribe to a channel that has a subscriber now, or unsubscribe from it."""
        if (subscriber := self._subscribers.get(channel)) is not None:
            subscriber.connected()

    async def run(self) -> None:
        """Receive the messages of other processes: there are none."""

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
        self._unconfirmed: deque[tuple[str, Subscriber]] = deque()
        """Subscriptions that Redis has not confirmed yet, in the order of its replies."""

    def full_name(self, channel: str) -> str:
        return f"{self._redis.prefix}:channel:{channel}"

    async def publish(self, channel: str, message: bytes) -> None:
        await self._redis.execute("PUBLISH", self.full_name(channel), message)

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
            await run_until_first_ends(self._read(connection), self._write(connection))
        finally:
            await connection.disconnect(nowait=True)

    async def _write(self, connection: Any) -> None:  # noqa: ANN401  # redis-py has no types for it
        while True:
            self._wake.clear()
            changed, self._changed = self._changed, set()
            new = [(name, self._subscribers[name]) for name in changed if name in self._subscribers]
            gone = [self.full_name(name) for name in changed if name not in self._subscribers]
            self._unconfirmed.extend(new)
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
                case [b"subscribe", *_]:  # it comes before the first message of the channel
                    self._confirm(*self._unconfirmed.popleft())
                case None:
                    self._wake.set()
        raise TimeoutError(f"no data within {2 * SILENCE_SECONDS} s")

    def _confirm(self, channel: str, subscriber: Subscriber) -> None:
        if self._subscribers.get(channel) is subscriber:
            subscriber.connected()


@asynccontextmanager
async def open_pubsub(redis: RedisClient | None) -> AsyncGenerator[PubSub]:
    """The publish/subscribe of an application."""
    pubsub = PubSub() if redis is None else RedisPubSub(redis)
    async with running(pubsub.run()):
        yield pubsub
        pubsub.start_to_close()
