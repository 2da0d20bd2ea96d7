"""Waiting in tests, with a timeout that is long enough for a slow machine."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

TIMEOUT = 60
"""Seconds."""


async def until(condition: Callable[[], Any]) -> Any:
    """Wait until the condition is true, awaiting it if needed; returns its value."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            found = condition()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.005)
