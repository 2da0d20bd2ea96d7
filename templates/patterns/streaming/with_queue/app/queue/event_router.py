"""The state of a task, as a stream of events."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends

from app.lifespan import Connection
from app.queue.changes import TaskChanges
from app.queue.deps import TasksDep
from app.queue.router import TaskId
from app.realtime.streams import EventStream, limit_streams

router = APIRouter()


async def get_task_changes(connection: Connection) -> TaskChanges:
    return connection.state["task_changes"]


@router.get(
    "/{task_id}/events",
    dependencies=[Depends(limit_streams)],
    response_class=EventStream,
    responses={429: {}},
)
async def follow_task(
    task_id: TaskId,
    tasks: TasksDep,
    changes: Annotated[TaskChanges, Depends(get_task_changes)],
) -> EventStream:
    """Events `task` with the body of `GET /api/v1/tasks/{task_id}`: the current state first, then
    each change. The one with a `finished_at` is the last.
    """
    return EventStream(partial(changes.follow, await tasks.get(task_id)))
