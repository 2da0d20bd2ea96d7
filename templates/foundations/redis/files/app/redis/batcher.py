"""Sends the commands of simultaneous requests as one message.

A command alone costs a connection of the pool, a write, a wait and a read. Under load, requests
share them: many requests need neither more connections nor more time.
"""

import asyncio
from asyncio import Future, Task
from collections.abc import Sequence
from time import monotonic
from typing import Any

from redis.asyncio import Redis

Argument = str | bytes | int | float
Command = tuple[Argument, ...]
Reply = Any
"""Bytes, a number, a list of replies or None; or an error in place of a reply."""
LARGEST_BATCH = 256
LATE = 1.1
"""After a timeout that took this many times its length, the event loop was busy, not Redis."""
TURNS = 10
"""A busy event loop gets this many turns to read a reply that has arrived."""


class CommandBatcher:
    """One message is under way at a time. Commands that arrive meanwhile go with the next one."""

    def __init__(self, client: Redis, timeout: float) -> None:
        # Replies as Redis sends them: in a transaction, redis-py would convert "QUEUED" instead.
        self._client = Redis(connection_pool=client.connection_pool)
        self._client.response_callbacks.clear()
        self._timeout = timeout
        self._waiting: list[tuple[Sequence[Command], Future[Sequence[Reply]]]] = []
        self._sender: Task[None] | None = None

    def send(self, *commands: Command) -> "Future[Sequence[Reply]]":
        """The replies to commands that are sent one after the other, with no other in between."""
        future: Future[Sequence[Reply]] = asyncio.get_running_loop().create_future()
        self._waiting.append((commands, future))
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())
        return future

    async def aclose(self) -> None:
        """Wait for the commands that are under way."""
        if self._sender is not None:
            await self._sender

    async def _send(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[:LARGEST_BATCH]
                del self._waiting[:LARGEST_BATCH]
                replies = await self._in_time([one for commands, _ in batch for one in commands])
                if isinstance(replies, BaseException):
                    # Commands that arrived meanwhile would wait as long, and fail too.
                    batch, self._waiting = [*batch, *self._waiting], []
                    replies = [replies] * sum(len(commands) for commands, _ in batch)
                start = 0
                for commands, future in batch:
                    end = start + len(commands)
                    if not future.done():
                        future.set_result(replies[start:end])
                    start = end
        finally:
            self._sender = None

    async def _in_time(self, commands: Sequence[Command]) -> Sequence[Reply] | BaseException:
        task = asyncio.ensure_future(self._execute(commands))
        sent_at = monotonic()
        await asyncio.wait({task}, timeout=self._timeout)
        if monotonic() - sent_at > LATE * self._timeout:
            await asyncio.wait({task}, timeout=self._timeout)
        for _ in range(TURNS):
            if task.done():
                return task.exception() or task.result()
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        return TimeoutError(f"no reply within {self._timeout} s")

    async def _execute(self, commands: Sequence[Command]) -> Sequence[Reply]:
        async with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            replies: list[Reply] = await pipeline.execute(raise_on_error=False)
        return replies
