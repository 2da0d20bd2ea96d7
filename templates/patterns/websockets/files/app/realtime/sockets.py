"""One WebSocket: its queue, its limits, and how it is closed."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from pydantic import Field
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.core.environment import EnvironmentSettings

MAX_MESSAGE_BYTES = 65_536
BUFFER_SIZE = 64
"""A client that is this many messages behind is disconnected."""
BURST_SECONDS = 5
"""A client may send the messages of that time at once."""


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


class SocketSettings(EnvironmentSettings):
    """The default suits people who type."""

    socket_messages_per_second: float = Field(default=20, gt=0)

    def server_options(self) -> Mapping[str, Any]:
        # No compression: a broadcast would be compressed for each client.
        own = {"ws_max_size": MAX_MESSAGE_BYTES, "ws_per_message_deflate": False}
        return {**super().server_options(), **own}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The user of a WebSocket."""

    name: str
    """Shown to others."""
    user_id: int | None = None
    session_id: int | None = None
    expires_at: float | None = None
    """Time to close the socket, in seconds since 1970; None: never."""


class SocketClient:
    """Slow clients never block others: messages wait in a queue, and a full queue closes it."""

    def __init__(self, socket: WebSocket, member: Member, settings: SocketSettings) -> None:
        self.member = member
        self.number = next(numbers)
        self._socket = socket
        self._rate = settings.socket_messages_per_second
        self._queue: deque[str] = deque()
        self._wake = asyncio.Event()
        self._close: Close | None = None
        self._closing = asyncio.Event()
        self._tokens = self._rate * BURST_SECONDS
        self._refilled_at = time.monotonic()

    def put(self, text: str) -> None:
        """Send a text, as soon as the client reads it."""
        if len(self._queue) >= BUFFER_SIZE:
            self._queue.clear()
            self.close(SLOW)
        if self._close is None:
            self._queue.append(text)
            self._wake.set()

    def close(self, close: Close) -> None:
        """Close the socket when the queue has been sent."""
        if self._close is None:
            self._close = close
            self._closing.set()
            self._wake.set()

    async def run(self, on_message: OnMessage) -> None:
        """Send and receive until one side closes; raises the errors of `on_message`."""
        reading = asyncio.create_task(self._read(on_message))
        writing = asyncio.create_task(self._write())
        closing = asyncio.create_task(self._closing.wait())
        tasks = (reading, writing, closing)
        expiry = self._schedule_expiry()
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._close is not None:
                await self._send_close(writing, self._close)
        finally:
            if expiry is not None:
                expiry.cancel()
            for task in tasks:
                task.cancel()
            # Not `gather`: a cancel scope around this would not recognize its own cancellation.
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _read(self, on_message: OnMessage) -> None:
        while self._close is None:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                self.close(BINARY)
            elif len(text) > MAX_MESSAGE_BYTES or len(text.encode()) > MAX_MESSAGE_BYTES:
                self.close(TOO_LARGE)
            elif not self._take_token():
                self.close(FLOOD)
            else:
                await on_message(text)
                await asyncio.sleep(0)  # the reply is sent before the next message is read

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect):
            while self._queue or self._close is None:
                await self._wake.wait()
                while self._queue:
                    await self._socket.send_text(self._queue.popleft())
                self._wake.clear()

    async def _send_close(self, writing: asyncio.Task[None], close: Close) -> None:
        """Send the close frame. If the client does not read it, the server drops the connection."""
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.wait({writing})
                await self._socket.close(*close)

    def _take_token(self) -> bool:
        """Whether the client may send a message now (token bucket)."""
        now = time.monotonic()
        refill = (now - self._refilled_at) * self._rate
        self._tokens = min(self._rate * BURST_SECONDS, self._tokens + refill) - 1
        self._refilled_at = now
        return self._tokens >= 0

    def _schedule_expiry(self) -> asyncio.TimerHandle | None:
        if (expires_at := self.member.expires_at) is None:
            return None
        seconds = max(0.0, expires_at - time.time())
        return asyncio.get_running_loop().call_later(seconds, self.close, SESSION_ENDED)
