"""Requests whose answers have no end: they are read as they come, and left when it is time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from httpx2 import ASGITransport, AsyncClient
from starlette.types import ASGIApp, Message

from tests.waiting import PATIENCE


class Call:
    """A request under way."""

    def __init__(self) -> None:
        self.status = 0
        self.is_over = False
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self.ended = asyncio.Event()
        self._left = asyncio.Event()
        self._sent = False

    async def receive(self) -> Message:
        if not self._sent:
            self._sent = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self._chunks.put_nowait(message["body"])
            self.is_over = not message.get("more_body", False)

    async def next(self) -> bytes:
        """The next chunk."""
        return await asyncio.wait_for(self._chunks.get(), PATIENCE)

    async def end(self) -> None:
        """Wait until it is not answered any more, though nobody has left."""
        await asyncio.wait_for(self.ended.wait(), PATIENCE)

    def leave(self) -> None:
        self._left.set()


@asynccontextmanager
async def calling(app: ASGIApp, scope: dict[str, Any] | None = None) -> AsyncGenerator[Call]:
    """A request to `app`, which ends when the block does: the client leaves."""
    call = Call()
    given = {"type": "http", "method": "GET", "headers": [], **(scope or {})}
    task = asyncio.ensure_future(app(given, call.receive, call.send))
    task.add_done_callback(lambda _: call.ended.set())
    try:
        yield call
    finally:
        call.leave()
        await asyncio.wait_for(task, PATIENCE)


def to(client: AsyncClient, path: str) -> tuple[ASGIApp, dict[str, Any]]:
    """The arguments of `calling` for a GET as `client` would send it."""
    transport = client._transport
    assert isinstance(transport, ASGITransport)
    headers = [(name.lower(), value) for name, value in client.headers.raw]
    scope = {
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("test", 80),
        "client": ("127.0.0.1", 50_000),
        "headers": [(b"host", b"test"), *headers],
        "asgi": {"version": "3.0"},
    }
    return transport.app, scope
