"""WebSocket clients that call the application without a network."""

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
from tests.waiting import TIMEOUT

Serve = Callable[["Peer"], Awaitable[None]]
NONE: Mapping[str, str] = {}
SCOPE = {"type": "websocket", "headers": [], "subprotocols": []}


class Peer:
    """The client of a WebSocket; `receive` and `send` are the ASGI callables of the service."""

    def __init__(self) -> None:
        self.accepted = asyncio.Event()
        self.subprotocol: str | None = None
        self.close_code: int | None = None
        self.status: int | None = None
        """The status of a refused handshake."""
        self.closed = asyncio.Event()
        self.reading = asyncio.Event()
        """While it is cleared, the client reads nothing."""
        self.reading.set()
        self._received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent: asyncio.Queue[Message] = asyncio.Queue()
        self._sent.put_nowait({"type": "websocket.connect"})

    async def receive(self) -> Message:
        return await self._sent.get()

    async def send(self, message: Message) -> None:
        await self.reading.wait()
        match message["type"]:
            case "websocket.accept":
                self.subprotocol = message.get("subprotocol")
                self.accepted.set()
            case "websocket.send":
                self._received.put_nowait(json.loads(message["text"]))
            case "websocket.close":
                self.close_code = message["code"]
            case "websocket.http.response.start":
                self.status = message["status"]

    def send_json(self, message: object) -> None:
        self._sent.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    def send_frame(self, **frame: object) -> None:
        """Send a frame with any content."""
        self._sent.put_nowait({"type": "websocket.receive", **frame})

    async def next_message(self, kind: str) -> dict[str, Any]:
        """The next message of this kind; messages of other kinds are skipped."""
        async with asyncio.timeout(TIMEOUT):
            while (message := await self._received.get())["type"] != kind:
                pass
        return message

    async def wait_for_members(self, *expected: str) -> None:
        """Wait until the room has these members."""
        while (await self.next_message("presence"))["members"] != sorted(expected):
            pass

    async def wait_closed(self) -> None:
        """Wait until the service has closed the socket."""
        await asyncio.wait_for(self.closed.wait(), TIMEOUT)

    def disconnect(self) -> None:
        self._sent.put_nowait({"type": "websocket.disconnect", "code": 1000})


@asynccontextmanager
async def connected(serve: Serve) -> AsyncGenerator[Peer]:
    """A client that is connected until the block ends."""
    peer = Peer()

    async def run() -> None:
        try:
            await serve(peer)
        finally:
            peer.closed.set()

    task = asyncio.create_task(run())
    over = asyncio.create_task(peer.closed.wait())
    accepted = asyncio.create_task(peer.accepted.wait())
    try:
        await asyncio.wait({over, accepted}, return_when=asyncio.FIRST_COMPLETED)
        yield peer
    finally:
        over.cancel()
        accepted.cancel()
        peer.reading.set()
        peer.disconnect()
        await asyncio.wait_for(task, TIMEOUT)


def in_room(rooms: Rooms, name: str, room: str = "lobby", expires_at: float | None = None) -> Serve:
    """For `connected`: a member of a room, without a handshake."""
    member = Member(name=name, expires_at=expires_at, session_id=len(name))

    async def serve(peer: Peer) -> None:
        await rooms.serve(WebSocket({**SCOPE}, peer.receive, peer.send), room, member)

    return serve


def handshake(
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
