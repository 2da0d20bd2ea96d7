"""Waiting in tests."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that is about to happen, however slow the machine is."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError
