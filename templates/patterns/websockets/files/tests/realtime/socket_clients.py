"""Sockets without a network, and their clients."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from httpx2 import ASGITransport, AsyncClient
from starlette.types import Message
from starlette.websockets import WebSocket

from app.realtime.rooms import Rooms
from app.realtime.sockets import Member
from tests.waiting import PATIENCE

Serve = Callable[["Peer"], Awaitable[None]]
NONE: Mapping[str, str] = {}
SCOPE = {"type": "websocket", "headers": [], "subprotocols": []}


class Peer:
    """The client of a WebSocket."""

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
async def connected(serve: Serve) -> AsyncGenerator[Peer]:
    """A socket that is served until the block ends."""
    peer = Peer()

    async def run() -> None:
        try:
            await serve(peer)
        finally:
            peer.over.set()

    task = asyncio.create_task(run())
    over = asyncio.create_task(peer.over.wait())
    accepted = asyncio.create_task(peer.accepted.wait())
    try:
        await asyncio.wait({over, accepted}, return_when=asyncio.FIRST_COMPLETED)
        yield peer
    finally:
        over.cancel()
        accepted.cancel()
        peer.reads.set()
        peer.leave()
        await asyncio.wait_for(task, PATIENCE)


def entering(
    rooms: Rooms, name: str, room: str = "lobby", expires_at: float | None = None
) -> Serve:
    """For `connected`: somebody in a room of a rooms."""
    member = Member(name=name, expires_at=expires_at, session_id=len(name))

    async def serve(peer: Peer) -> None:
        await rooms.serve(WebSocket({**SCOPE}, peer.receive, peer.send), room, member)

    return serve


def opening(
    client: AsyncClient, path: str, protocols: Sequence[str] = (), headers: Mapping[str, str] = NONE
) -> Serve:
    """For `connected`: a handshake with the application that `client` calls."""
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
            (name.encode(), value.encode()) for name, value in {"host": "test", **headers}.items()
        ],
    }

    async def serve(peer: Peer) -> None:
        await transport.app(scope, peer.receive, peer.send)

    return serve
