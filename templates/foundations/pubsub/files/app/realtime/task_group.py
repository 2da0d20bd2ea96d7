"""Tasks that run beside a block, or until the first of them ends."""

import asyncio
from asyncio import Task
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

Work = Coroutine[Any, Any, None]


@asynccontextmanager
async def running(*works: Work) -> AsyncGenerator[Sequence[Task[None]]]:
    """Run these beside the block. After it they have been cancelled and have ended.

    An error of one of them is raised after the block.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        # Not `gather`: a cancel scope around this would not recognize its own cancellation.
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


async def run_until_first_ends(*works: Work) -> None:
    """Run these side by side until one of them ends, and cancel the others."""
    async with running(*works) as tasks:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
