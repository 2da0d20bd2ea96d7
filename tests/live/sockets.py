"""Clients of rooms."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.live.server import Server


@asynccontextmanager
async def entering(
    server: Server, room: str = "lobby", query: str = "", **options: Any
) -> AsyncIterator[ClientConnection]:
    """A socket that is open. However long the service takes, the client does not end it.

    It reads everything: a client with a full queue would need ten seconds to close.
    """
    url = f"ws://127.0.0.1:{server.port}/api/v1/ws/{room}{query}"
    patient: dict[str, Any] = {"open_timeout": 60, "ping_interval": None, "max_queue": None}
    async with connect(url, compression=None, **{**patient, **options}) as client:
        yield client


async def say(client: ClientConnection, text: str) -> None:
    await client.send(json.dumps({"type": "message", "text": text}))


async def hear(client: ClientConnection, kind: str = "message") -> dict[str, Any]:
    """The next message of a kind; others are passed over."""
    async with asyncio.timeout(60):
        while (message := json.loads(await client.recv()))["type"] != kind:
            pass
    found: dict[str, Any] = message
    return found


async def close_code(client: ClientConnection) -> int:
    """How the service has closed it."""
    try:
        async with asyncio.timeout(60):
            while True:
                await client.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006
