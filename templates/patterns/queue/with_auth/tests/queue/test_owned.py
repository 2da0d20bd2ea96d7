"""A task sees the rows of the user who enqueued it."""

from typing import Any

from app.core.queue.taskiq import Run
from app.workers.dependencies.owned import get_owned_rows
from tests.queue.stores import new_task


async def test_only_those() -> None:
    state: Any = {}

    async def report(_progress: float) -> None:
        """Not used."""

    scope = await get_owned_rows(Run(new_task(owner_id=7), state, report))

    assert scope.only == {"owner_id": 7}
