"""The two ways to the storage, for all rows: reading what is committed, and writing as one unit."""

from collections.abc import AsyncGenerator
from typing import Annotated

from app.core.queue.taskiq import RunDep, TaskDepends
from app.core.storage import Reads, Storage, UnitOfWork


async def get_storage(run: RunDep) -> Storage:
    return run.state["storage"]


StorageDep = Annotated[Storage, TaskDepends(get_storage)]


async def get_reads(storage: StorageDep) -> Reads:
    return storage.reads


async def get_unit(storage: StorageDep) -> AsyncGenerator[UnitOfWork]:
    """Committed when the task has succeeded."""
    async with storage.unit() as unit:
        yield unit


ReadsDep = Annotated[Reads, TaskDepends(get_reads)]
UnitDep = Annotated[UnitOfWork, TaskDepends(get_unit)]
