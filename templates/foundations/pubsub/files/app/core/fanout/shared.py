"""Channels in Redis: one connection a process, which comes back after any outage."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Self

from redis.asyncio.client import PubSub

from app.core.fanout.channels import Fanout, Listener
from app.core.logging import get_logger
from app.redis.client import RedisClient

logger = get_logger(__name__)

SILENCE_SECONDS = 2.0
"""After that long without a word the server is asked for one; without an answer it is gone."""
LONGEST_PAUSE = 1.0
"""Seconds between two attempts to connect again, at most."""
ALIVE = "alive"
"""A channel that nobody sends to: a connection without any would not be one that listens."""


class SharedFanout(Fanout):
    """Every new connection subscribes again to all there is, and says so to the listeners.

    Redis keeps nothing for who is away: what must not be missed has to be kept elsewhere.
    """

    def __init__(self, redis: RedisClient) -> None:
        super().__init__()
        self._redis = redis
        self._changes: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
        self._asked: Counter[str] = Counter()
        """Subscriptions on this connection that are not confirmed yet."""

    def address(self, channel: str) -> str:
        return f"{self._redis.prefix}:channel:{channel}"

    async def publish(self, channel: str, message: bytes) -> None:
        await self._redis.execute("PUBLISH", self.address(channel), message)

    def join(self, channel: str, listener: Listener) -> None:
        self._listeners[channel] = listener
        self._asked[channel] += 1
        self._changes.put_nowait((channel, True))

    def leave(self, channel: str) -> None:
        super().leave(channel)
        self._changes.put_nowait((channel, False))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Self]:
        task = asyncio.create_task(self._run())
        try:
            yield self
        finally:
            await _end(task)

    async def _run(self) -> None:
        pause = LONGEST_PAUSE / 8
        while True:
            started = asyncio.get_running_loop().time()
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001  # whatever breaks it, it has to go on
                logger.warning("fanout_interrupted", error=repr(error))
            was_short = asyncio.get_running_loop().time() - started < LONGEST_PAUSE
            pause = min(pause * 2, LONGEST_PAUSE) if was_short else LONGEST_PAUSE / 8
            await asyncio.sleep(pause * (0.5 + random.random() / 2))  # noqa: S311

    async def _listen(self) -> None:
        """Listen on one connection, until it ends."""
        async with self._redis.client.pubsub() as pubsub:
            self._changes = asyncio.Queue()
            self._asked = Counter(self._listeners.keys())
            addresses = map(self.address, [ALIVE, *self._listeners])
            await pubsub.subscribe(*addresses)
            # If one of them fails, both begin again: redis-py may have connected anew by itself,
            # and then only one of them would know.
            reading = asyncio.create_task(self._read(pubsub))
            telling = asyncio.create_task(self._tell(pubsub, self._changes))
            try:
                await asyncio.wait({reading, telling}, return_when=asyncio.FIRST_COMPLETED)
                for task in (reading, telling):
                    if task.done():
                        task.result()
            finally:
                await _end(reading)
                await _end(telling)

    async def _tell(self, pubsub: PubSub, changes: "asyncio.Queue[tuple[str, bool]]") -> None:
        while True:
            channel, is_wanted = await changes.get()
            change = pubsub.subscribe if is_wanted else pubsub.unsubscribe
            await change(self.address(channel))

    async def _read(self, pubsub: PubSub) -> None:
        start = len(self.address(""))
        was_asked = False
        while True:
            message = await pubsub.get_message(timeout=SILENCE_SECONDS)
            if message is None and was_asked:
                raise TimeoutError(f"no word within {2 * SILENCE_SECONDS} s")
            was_asked = message is None
            if message is None:
                await pubsub.ping()
            elif message["type"] == "message":
                self._pass_on(message["channel"].decode()[start:], message["data"])
            elif message["type"] == "subscribe":
                self._confirmed(message["channel"].decode()[start:])

    def _confirmed(self, channel: str) -> None:
        self._asked[channel] -= 1
        # After a change of mind there are several: the last one is good for good.
        if self._asked[channel] <= 0:
            del self._asked[channel]
            self._confirm(channel)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel a task until it has ended: redis-py may take a cancellation for a timeout."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.1)
    if not task.cancelled():
        task.exception()  # whoever reads has found the same out
