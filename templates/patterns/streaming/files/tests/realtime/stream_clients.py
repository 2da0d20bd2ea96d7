"""Clients of streams: they read chunks as they arrive, and disconnect."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from httpx2 import ASGITransport, AsyncClient
from starlette.types import ASGIApp, Message

from tests.waiting import TIMEOUT


class StreamClient:
    """The client of a request; `receive` and `send` are the ASGI callables of the service."""

    def __init__(self) -> None:
        self.status = 0
        self.is_complete = False
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = asyncio.Event()
        self._disconnected = asyncio.Event()
        self._sent = False

    async def receive(self) -> Message:
        if not self._sent:
            self._sent = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._disconnected.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self._chunks.put_nowait(message["body"])
            self.is_complete = not message.get("more_body", False)

    async def next_chunk(self) -> bytes:
        """The next chunk."""
        return await asyncio.wait_for(self._chunks.get(), TIMEOUT)

    async def wait_closed(self) -> None:
        """Wait until the service has ended the response."""
        await asyncio.wait_for(self.closed.wait(), TIMEOUT)

    def disconnect(self) -> None:
        self._disconnected.set()


@asynccontextmanager
async def open_stream(
    app: ASGIApp, scope: dict[str, Any] | None = None
) -> AsyncGenerator[StreamClient]:
    """Send a request to `app`; the client disconnects at the end of the block."""
    call = StreamClient()
    given = {"type": "http", "method": "GET", "headers": [], **(scope or {})}
    task = asyncio.ensure_future(app(given, call.receive, call.send))
    task.add_done_callback(lambda _: call.closed.set())
    try:
        yield call
    finally:
        call.disconnect()
        await asyncio.wait_for(task, TIMEOUT)


def get_request(client: AsyncClient, path: str) -> tuple[ASGIApp, dict[str, Any]]:
    """The arguments of `open_stream` for a GET request of `client`."""
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
