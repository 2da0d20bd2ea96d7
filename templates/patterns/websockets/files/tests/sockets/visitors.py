"""Sockets without a network, and the hubs of processes that they are connected to."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.types import Message
from starlette.websockets import WebSocket

from app.core.fanout.channels import Fanout
from app.core.sockets.client import Member
from app.core.sockets.hub import Hub
from app.core.sockets.settings import SocketSettings
from app.redis.client import RedisClient
from tests.waiting import PATIENCE

Serve = Callable[["Visitor"], Awaitable[None]]
NONE: Mapping[str, str] = {}
SCOPE = {"type": "websocket", "headers": [], "subprotocols": []}


class Visitor:
    """The client's end of a socket."""

    def __init__(self) -> None:
        self.accepted = asyncio.Event()
        self.subprotocol: str | None = None
        self.close_code: int | None = None
        self.status: int | None = None
        """Of a handshake that was refused."""
        self.over = asyncio.Event()
        self.reads = asyncio.Event()
        """Cleared, nothing is taken from the service any more."""
        self.reads.set()
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent: asyncio.Queue[Message] = asyncio.Queue()
        self._sent.put_nowait({"type": "websocket.connect"})

    async def receive(self) -> Message:
        return await self._sent.get()

    async def send(self, message: Message) -> None:
        await self.reads.wait()
        match message["type"]:
            case "websocket.accept":
                self.subprotocol = message.get("subprotocol")
                self.accepted.set()
            case "websocket.send":
                self._heard.put_nowait(json.loads(message["text"]))
            case "websocket.close":
                self.close_code = message["code"]
            case "websocket.http.response.start":
                self.status = message["status"]

    def say(self, message: object) -> None:
        self._sent.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    def put(self, **frame: object) -> None:
        """Something else than a message."""
        self._sent.put_nowait({"type": "websocket.receive", **frame})

    async def next(self, kind: str) -> dict[str, Any]:
        """The next message of a kind; others are passed over."""
        async with asyncio.timeout(PATIENCE):
            while (message := await self._heard.get())["type"] != kind:
                pass
        return message

    async def members(self, *expected: str) -> None:
        """Wait until these are told to be there."""
        while (await self.next("presence"))["members"] != sorted(expected):
            pass

    async def end(self) -> None:
        """Wait until the service has ended it."""
        await asyncio.wait_for(self.over.wait(), PATIENCE)

    def leave(self) -> None:
        self._sent.put_nowait({"type": "websocket.disconnect", "code": 1000})


@asynccontextmanager
async def visiting(serve: Serve) -> AsyncGenerator[Visitor]:
    """A socket that is served until the block ends."""
    visitor = Visitor()

    async def run() -> None:
        try:
            await serve(visitor)
        finally:
            visitor.over.set()

    task = asyncio.create_task(run())
    over = asyncio.create_task(visitor.over.wait())
    accepted = asyncio.create_task(visitor.accepted.wait())
    try:
        await asyncio.wait({over, accepted}, return_when=asyncio.FIRST_COMPLETED)
        yield visitor
    finally:
        over.cancel()
        accepted.cancel()
        visitor.reads.set()
        visitor.leave()
        await asyncio.wait_for(task, PATIENCE)


def entering(hub: Hub, name: str, room: str = "lobby", expires_at: float | None = None) -> Serve:
    """For `visiting`: somebody in a room of a hub."""
    member = Member(name=name, expires_at=expires_at, session_id=len(name))

    async def serve(visitor: Visitor) -> None:
        await hub.serve(WebSocket({**SCOPE}, visitor.receive, visitor.send), room, member)

    return serve


def opening(
    client: AsyncClient, path: str, protocols: Sequence[str] = (), headers: Mapping[str, str] = NONE
) -> Serve:
    """For `visiting`: a handshake with the application that `client` calls."""
    transport = client._transport
    assert isinstance(transport, ASGITransport)
    path, _, query = path.partition("?")
    scope = {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "ws",
        "client": ("127.0.0.1", 50_000),
        "server": ("test", 80),
        "subprotocols": [*protocols],
        "extensions": {"websocket.http.response": {}},
        "headers": [
            (b"host", b"test"),
            *((name.encode(), value.encode()) for name, value in headers.items()),
        ],
    }

    async def serve(visitor: Visitor) -> None:
        await transport.app(scope, visitor.receive, visitor.send)

    return serve


@pytest.fixture
def socket_settings() -> SocketSettings:
    """Override it where others are needed."""
    return SocketSettings()


@pytest.fixture(params=["in process", "in Redis"])
def hub(request: pytest.FixtureRequest, socket_settings: SocketSettings) -> Hub:
    """Each way to have rooms."""
    if request.param == "in process":
        return Hub(socket_settings, None, Fanout())
    redis, fanout = request.getfixturevalue("redis"), request.getfixturevalue("shared")
    return Hub(socket_settings, redis, fanout)


@pytest.fixture
def hubs(
    socket_settings: SocketSettings,
    redis: RedisClient,
    shared: Fanout,
    another_redis: RedisClient,
    another_shared: Fanout,
) -> tuple[Hub, Hub]:
    """Those of two processes."""
    return (
        Hub(socket_settings, redis, shared),
        Hub(socket_settings, another_redis, another_shared),
    )
