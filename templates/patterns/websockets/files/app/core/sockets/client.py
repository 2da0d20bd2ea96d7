"""One socket: what waits for it, what comes from it, and how it ends."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.core.sockets.closing import BINARY, ENDED, FLOOD, SLOW, TOO_LARGE, Closing
from app.core.sockets.settings import MAX_MESSAGE_BYTES, SocketSettings

CLOSE_SECONDS = 1.0
"""Who does not take even the end of it within that time is left."""
Hear = Callable[[str], Awaitable[None]]
numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Who is behind a socket."""

    name: str
    """What others see."""
    session_id: int | None = None
    expires_at: float | None = None
    """When the socket is closed, in seconds since 1970; None: never."""


class Client:
    """Nobody waits for it: what it does not read piles up to a limit, and then it is closed."""

    def __init__(self, socket: WebSocket, member: Member, settings: SocketSettings) -> None:
        self.member = member
        self.number = next(numbers)
        self._socket = socket
        self._settings = settings
        self._waiting: deque[str] = deque()
        self._arrived = asyncio.Event()
        self._closing: Closing | None = None
        self._ended = asyncio.Event()
        self._tokens = float(settings.socket_burst)
        self._counted_at = time.monotonic()

    def put(self, text: str) -> None:
        """Send a text, as soon as the client takes it."""
        if len(self._waiting) >= self._settings.socket_queue:
            self._waiting.clear()
            self.close(SLOW)
        if self._closing is None:
            self._waiting.append(text)
            self._arrived.set()

    def close(self, closing: Closing) -> None:
        """End it, after what waits was sent."""
        if self._closing is None:
            self._closing = closing
            self._ended.set()
            self._arrived.set()

    async def talk(self, hear: Hear) -> None:
        """Send and listen until one of both sides has had enough; an error in `hear` is raised."""
        reading = asyncio.create_task(self._read(hear))
        writing = asyncio.create_task(self._write())
        ending = asyncio.create_task(self._ended.wait())
        tasks = (reading, writing, ending)
        expiry = self._expire()
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._closing is not None:
                await self._say_goodbye(writing)
        finally:
            if expiry is not None:
                expiry.cancel()
            for task in tasks:
                task.cancel()
            # Not `gather`: the scope that cancels would not know its cancellation again.
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()  # a fault that nobody expected: the server logs it

    async def _read(self, hear: Hear) -> None:
        while self._closing is None:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                self.close(BINARY)
            elif len(text) > MAX_MESSAGE_BYTES or len(text.encode()) > MAX_MESSAGE_BYTES:
                self.close(TOO_LARGE)
            elif not self._may_speak():
                self.close(FLOOD)
            else:
                await hear(text)
                await asyncio.sleep(0)  # what is answered goes out before the next is read

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect):
            while self._waiting or self._closing is None:
                await self._arrived.wait()
                while self._waiting:
                    await self._socket.send_text(self._waiting.popleft())
                self._arrived.clear()

    async def _say_goodbye(self, writing: asyncio.Task[None]) -> None:
        """Let go of one that does not take it; the server ends the connection then."""
        assert self._closing is not None  # noqa: S101
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.wait({writing})
                await self._socket.close(*self._closing)

    def _may_speak(self) -> bool:
        """Take one of the tokens, of which there are more every second."""
        now, settings = time.monotonic(), self._settings
        more = (now - self._counted_at) * settings.socket_messages_per_second
        self._tokens = min(float(settings.socket_burst), self._tokens + more) - 1
        self._counted_at = now
        return self._tokens >= 0

    def _expire(self) -> asyncio.TimerHandle | None:
        if (expires_at := self.member.expires_at) is None:
            return None
        seconds = max(0.0, expires_at - time.time())
        return asyncio.get_running_loop().call_later(seconds, self.close, ENDED)
