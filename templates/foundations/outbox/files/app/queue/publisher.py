"""Calls the broker's client, which blocks, in a thread of its own and within a time limit."""

import asyncio
from asyncio import Task
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from time import monotonic

from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.queue.broker import Broker
from app.queue.outbox import Message

logger = get_logger(__name__)

PAUSE = 1.0
"""Seconds after a failure, in which nothing waits for the broker."""


class Publisher:
    """Sends messages. Nothing waits for a broker that is down for longer than the limit."""

    def __init__(self, broker: Broker, executor: ThreadPoolExecutor, seconds: float) -> None:
        self._broker = broker
        self._executor = executor
        self._seconds = seconds
        self._check: Task[None] | None = None
        self._down_until = 0.0

    async def check(self) -> None:
        """Ask the broker whether it answers; simultaneous callers share one question.

        Raises:
            Unavailable: it does not, or did not a moment ago.
        """
        if monotonic() < self._down_until:
            raise Unavailable("The queue does not answer.")
        if self._check is None or self._check.done():
            self._check = asyncio.create_task(self._limited(self._broker.ping))
        await asyncio.shield(self._check)

    async def publish(self, messages: Sequence[Message]) -> None:
        """Send messages; the broker has confirmed them.

        Raises:
            Unavailable: it has not confirmed all of them.
        """
        await self._call(lambda: self._broker.publish(messages))

    async def _limited(self, function: Callable[[], None]) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._call(function)
        except TimeoutError:
            self._down_until = monotonic() + PAUSE
            raise Unavailable("The queue does not answer.") from None

    async def _call(self, function: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._executor, function)
        except Exception as error:  # the clients of brokers have errors of their own
            self._down_until = monotonic() + PAUSE
            logger.warning("broker_unavailable", error=repr(error))
            raise Unavailable("The queue does not answer.") from error


@asynccontextmanager
async def open_publisher(broker: Broker, seconds: float) -> AsyncGenerator[Publisher]:
    """The publisher of an application. A check takes that many seconds at most."""
    executor = ThreadPoolExecutor(1, thread_name_prefix="publisher")
    try:
        yield Publisher(broker, executor, seconds)
    finally:
        executor.submit(broker.close)
        executor.shutdown(wait=False, cancel_futures=False)
