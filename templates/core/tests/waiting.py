"""Waiting in tests: as long as a slow machine may need, and never for good."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

PATIENCE = 60
"""Seconds."""


async def until(condition: Callable[[], Any]) -> Any:
    """What the condition gives, awaited where it can be, as soon as it is something."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = condition()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.005)
