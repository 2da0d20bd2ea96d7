"""Waiting in tests: as long as a slow machine may need, and never for good."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

PATIENCE = 60
"""Seconds."""


async def until(condition: Callable[[], Any]) -> Any:
    """Wait until the condition is true, awaiting it if needed; returns its value."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = condition()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.005)
