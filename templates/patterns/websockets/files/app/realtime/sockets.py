"""One WebSocket: its queue, its limits, and how it is closed."""

import asyncio
import time
from asyncio import FIRST_COMPLETED, Future, Task
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.realtime.socket_settings import MAX_MESSAGE_BYTES
from app.realtime.task_group import running
from app.realtime.token_bucket import TokenBucket

BUFFER_SIZE = 64
"""A client that is this many messages behind is disconnected."""
MESSAGES_PER_SECOND = 20.0
"""A client that sends more is disconnected: it suits people who type."""
BURST = 5 * MESSAGES_PER_SECOND
"""Messages that a client may send at once."""


class Close(NamedTuple):
    """A close frame (RFC 6455, section 7.4)."""

    code: int
    reason: str


GOING_AWAY = Close(1001, "The service is shutting down.")
BINARY = Close(1003, "Messages must be text.")
SLOW = Close(1008, "You do not read your messages.")
FLOOD = Close(1008, "Too many messages.")
TOO_LARGE = Close(1009, "A message has up to 64 KiB.")
SESSION_ENDED = Close(4401, "Your session has ended.")

CLOSE_SECONDS = 1.0
"""Time for a client to read the close frame."""
OnMessage = Callable[[str], Awaitable[None]]
numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The user of a WebSocket."""

    name: str
    """Shown to others."""
    user_id: int | None = None
    session_id: int | None = None
    expires_at: float | None = None
    """Time to close the socket, in seconds since 1970; None: never."""

    @property
    def seconds_left(self) -> float | None:
        return None if self.expires_at is None else max(0.0, self.expires_at - time.time())


class SocketClient:
    """Slow clients never block others: messages wait in a queue, and a full queue closes it."""

    def __init__(self, socket: WebSocket, member: Member) -> None:
        self.member = member
        self.number = next(numbers)
        self._socket = socket
        self._queue: deque[str] = deque()
        self._wake = asyncio.Event()
        self._closing: Future[Close] = asyncio.get_running_loop().create_future()
        self._allowance = TokenBucket(MESSAGES_PER_SECOND, BURST)

    def put(self, text: str) -> None:
        """Send a text, as soon as the client reads it."""
        if len(self._queue) >= BUFFER_SIZE:
            self._queue.clear()
            self.close(SLOW)
        if not self._closing.done():
            self._queue.append(text)
            self._wake.set()

    def close(self, close: Close) -> None:
        """Close the socket when the queue has been sent."""
        if not self._closing.done():
            self._closing.set_result(close)
            self._wake.set()

    async def run(self, on_message: OnMessage) -> None:
        """Send and receive until one side closes; raises the errors of `on_message`."""
        async with running(self._read(on_message), self._write()) as (reading, writing):
            ends: set[Future[Any]] = {reading, writing, self._closing}
            seconds = self.member.seconds_left
            done, _ = await asyncio.wait(ends, timeout=seconds, return_when=FIRST_COMPLETED)
            if not done:
                self.close(SESSION_ENDED)
            if self._closing.done():
                await self._send_close(writing, self._closing.result())

    async def _read(self, on_message: OnMessage) -> None:
        while not self._closing.done():
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                self.close(BINARY)
            elif len(text) > MAX_MESSAGE_BYTES or len(text.encode()) > MAX_MESSAGE_BYTES:
                self.close(TOO_LARGE)
            elif not self._allowance.take():
                self.close(FLOOD)
            else:
                await on_message(text)
                await asyncio.sleep(0)  # the reply is sent before the next message is read

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect):
            while self._queue or not self._closing.done():
                await self._wake.wait()
                while self._queue:
                    await self._socket.send_text(self._queue.popleft())
                self._wake.clear()

    async def _send_close(self, writing: Task[None], close: Close) -> None:
        """Send the close frame. If the client does not read it, the server drops the connection."""
        await asyncio.wait({writing}, timeout=CLOSE_SECONDS)
        if not writing.done():
            return
        # A timeout of its own: a busy event loop may have used up the first one.
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(*close)
