"""Many connections that listen, and count what they hear, in one thread."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

PATIENCE_SECONDS = 60


class Ear(asyncio.Protocol):
    """Asks for something once, and counts how often a text comes in whatever is sent."""

    def __init__(self, request: bytes, text: bytes) -> None:
        self.heard = 0
        self._request = request
        self._text = text
        self._rest = b""
        self._wanted = 0
        self._enough = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        read = self._rest + data
        self.heard += read.count(self._text)
        self._rest = read[1 - len(self._text) :]
        if self.heard >= self._wanted:
            self._enough.set()

    async def hear(self, times: int) -> None:
        """Wait until it has been heard that often from now on."""
        self._wanted = self.heard + times
        self._enough.clear()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._enough.wait()


@asynccontextmanager
async def listening(port: int, request: bytes, text: bytes, size: int) -> AsyncGenerator[list[Ear]]:
    """That many connections, until the end of the block."""
    loop = asyncio.get_running_loop()
    ears = []
    try:
        for _ in range(size):
            make = loop.create_connection(lambda: Ear(request, text), "127.0.0.1", port)
            ears.append((await make)[1])
        yield ears
    finally:
        for ear in ears:
            ear.transport.abort()
