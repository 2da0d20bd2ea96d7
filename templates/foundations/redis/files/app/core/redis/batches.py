"""Sends what many requests ask at the same time as one message.

A command alone costs a connection from the pool, a write, a wait and a read. Under load most of
that is shared here, so that a crowd of requests needs neither more connections nor more time.
"""

import asyncio
from asyncio import Future, Task
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

Part = str | bytes | int | float
Command = tuple[Part, ...]
Answer = Any
"""Bytes, a number, a list of answers, None; or the error that stands for one."""
LARGEST_BATCH = 256
LATE = 1.1
"""Whoever is woken later than that has a loop that was busy: it was not Redis that took so long."""
TURNS = 10
"""A loop that is busy gets as many turns to find an answer that has arrived already."""


class Batches:
    """One message is under way at a time; what comes up meanwhile goes with the next."""

    def __init__(self, client: Redis, timeout: float) -> None:
        self._client = client
        self._timeout = timeout
        self._waiting: list[tuple[Command, Future[Answer]]] = []
        self._sender: Task[None] | None = None

    def ask(self, command: Command) -> "Future[Answer]":
        """The answer. An error is one too, since not everybody waits for it."""
        future: Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, future))
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())
        return future

    async def aclose(self) -> None:
        """Let go of what is still under way."""
        if self._sender is not None:
            await self._sender

    async def _send(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[:LARGEST_BATCH]
                del self._waiting[:LARGEST_BATCH]
                answers = await self._in_time([command for command, _ in batch])
                if isinstance(answers, BaseException):
                    # Who came up meanwhile would wait just as long for nothing.
                    batch, self._waiting = [*batch, *self._waiting], []
                    answers = [answers] * len(batch)
                for (_, future), answer in zip(batch, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
        finally:
            self._sender = None

    async def _in_time(self, commands: Sequence[Command]) -> Sequence[Answer] | BaseException:
        task = asyncio.ensure_future(self._execute(commands))
        asked_at = monotonic()
        await asyncio.wait({task}, timeout=self._timeout)
        if monotonic() - asked_at > LATE * self._timeout:
            await asyncio.wait({task}, timeout=self._timeout)
        for _ in range(TURNS):
            if task.done():
                return task.exception() or task.result()
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        return TimeoutError(f"no answer within {self._timeout} s")

    async def _execute(self, commands: Sequence[Command]) -> Sequence[Answer]:
        with suppress(RedisConnectionError):
            return await self._send_all(commands)
        # It was cut, as when the server was started again; there may be a new connection.
        return await self._send_all(commands)

    async def _send_all(self, commands: Sequence[Command]) -> Sequence[Answer]:
        async with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            answers: list[Answer] = await pipeline.execute(raise_on_error=False)
        return answers
