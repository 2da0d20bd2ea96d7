"""What becomes of a task, as it happens."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends

from app.api.dependencies.endings import EndDep
from app.api.dependencies.streams import take_slot
from app.api.dependencies.tasks import TasksDep
from app.api.v1.tasks import TaskId
from app.core.queue.changes import TaskChanges
from app.core.streams.response import EventStream
from app.lifespan import Connection

router = APIRouter()


async def get_task_changes(connection: Connection) -> TaskChanges:
    return connection.state["task_changes"]


@router.get(
    "/{task_id}/events",
    dependencies=[Depends(take_slot)],
    response_class=EventStream,
    responses={429: {}},
)
async def follow_task(
    task_id: TaskId,
    tasks: TasksDep,
    changes: Annotated[TaskChanges, Depends(get_task_changes)],
    end: EndDep,
) -> EventStream:
    """Events `task`, with what `GET /api/v1/tasks/{task_id}` tells: first as it is, then each
    change. The one with a `finished_at` is the last.
    """
    return EventStream(partial(changes.follow, await tasks.get(task_id)), until=end)
