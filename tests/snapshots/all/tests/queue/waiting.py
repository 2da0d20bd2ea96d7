"""Waiting for what goes on behind an answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from httpx2 import AsyncClient, Response

ENOUGH = 60
"""Seconds that even a busy machine needs no longer for."""


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    """What the condition gives as soon as it is something."""
    async with asyncio.timeout(ENOUGH):
        while True:
            if found := await condition():
                return found
            await asyncio.sleep(0.005)


async def ended(client: AsyncClient, accepted: Response) -> dict[str, Any]:
    """The task of an answer, when it has ended."""

    async def look() -> dict[str, Any] | None:
        task: dict[str, Any] = (await client.get(accepted.headers["location"])).json()
        return task if task["status"] not in ("queued", "running") else None

    found: dict[str, Any] = await until(look)
    return found
