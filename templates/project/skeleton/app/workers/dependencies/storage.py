"""The two ways to the storage, for all rows: reading what is committed, and writing as one unit."""

from collections.abc import AsyncGenerator
from typing import Annotated

from app.core.queue.taskiq import RunDep, TaskDepends
from app.core.storage import Reads, UnitOfWork


async def get_reads(run: RunDep) -> Reads:
    return run.state["storage"].reads


async def get_unit(run: RunDep) -> AsyncGenerator[UnitOfWork]:
    """Committed when the task has succeeded."""
    async with run.state["storage"].unit() as unit:
        yield unit


ReadsDep = Annotated[Reads, TaskDepends(get_reads)]
UnitDep = Annotated[UnitOfWork, TaskDepends(get_unit)]
