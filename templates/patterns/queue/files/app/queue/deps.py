"""Dependencies of the routes of tasks: every client may see all tasks."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends
from fastapi.params import Depends as Dependency

from app.lifespan import Connection
from app.queue.queue import Queue
from app.queue.service import TaskService

OPERATORS_ONLY: Sequence[Dependency] = ()
"""Dependencies of the routes of dead tasks: the place to close them to clients."""


async def get_queue(connection: Connection) -> Queue:
    return connection.state["queue"]


QueueDep = Annotated[Queue, Depends(get_queue)]


async def get_tasks(queue: QueueDep) -> TaskService:
    return TaskService(queue=queue)


TasksDep = Annotated[TaskService, Depends(get_tasks)]
