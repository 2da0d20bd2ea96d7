"""The rows of the user who enqueued the task."""

from typing import Annotated

from app.core.query import RowScope
from app.core.queue.taskiq import RunDep, TaskDepends


async def get_owned_rows(run: RunDep) -> RowScope:
    return RowScope.of(owner_id=run.task.owner_id)


OwnedRowsDep = Annotated[RowScope, TaskDepends(get_owned_rows)]
