"""A task sees the rows of the user who enqueued it."""

from typing import Any

from app.core.queue.taskiq import Run
from app.core.storage import Storage, UnitOfWork
from app.workers.dependencies.owned import get_reads, get_unit
from tests.queue.stores import new_task


async def test_only_those(storage: Storage, unit: UnitOfWork) -> None:
    state: Any = {"storage": storage}

    async def report(_progress: float) -> None:
        """Nobody listens."""

    run = Run(new_task(owner_id=7), state, report)

    assert (await get_reads(run, storage.reads)).scope == {"owner_id": 7}
    assert (await get_unit(run, unit)).scope == {"owner_id": 7}
