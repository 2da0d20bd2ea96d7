"""Clients that follow a topic."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

import httpx2

from tests.live.server import Server


class Reader:
    """Reads the stream of a topic all the time, and remembers what came."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        """Of its events; `reset` for a reset."""
        self.comments: list[str] = []
        self._changed = asyncio.Condition()

    async def read(self, response: httpx2.Response) -> None:
        """Read until the service ends it."""
        async for line in response.aiter_lines():
            if line.startswith(("id: ", "event: reset")):
                self.ids.append(line.removeprefix("id: ").removeprefix("event: "))
            elif line.startswith(":"):
                self.comments.append(line)
            async with self._changed:
                self._changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until so much has come that it holds."""
        async with asyncio.timeout(120), self._changed:
            await self._changed.wait_for(condition)

    async def has(self, event_id: str) -> None:
        await self.until(lambda: event_id in self.ids)

    async def has_begun(self) -> None:
        await self.until(lambda: ": open" in self.comments)


@asynccontextmanager
async def following(
    server: Server,
    last_id: str | None = None,
    topic: str = "news",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Reader]:
    """A reader of a stream that is open; at the end of the block it is closed for good."""
    asked = {**headers, **({} if last_id is None else {"Last-Event-ID": last_id})}
    reader = Reader()
    async with (
        httpx2.AsyncClient(base_url=server.url, timeout=60, headers=asked) as client,
        client.stream("GET", f"/api/v1/events/{topic}") as response,
    ):
        assert response.status_code == 200
        reading = asyncio.create_task(reader.read(response))
        try:
            await reader.has_begun()
            yield reader
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
