"""Waiting for one of several things."""

import asyncio
from collections.abc import Awaitable


async def first_of(*waiting: Awaitable[object], seconds: float | None = None) -> None:
    """Return with the first of them, or after that time; let go of the others."""
    tasks = [asyncio.ensure_future(each) for each in waiting]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
