"""Dependencies of the routes of tasks: users have their own, an admin sees all."""

from typing import Annotated

from fastapi import Depends

from app.auth.deps import ADMINS_ONLY, PrincipalDep
from app.lifespan import Connection
from app.queue.queue import Queue
from app.queue.service import TaskService

OPERATORS_ONLY = ADMINS_ONLY
"""Dependencies of the routes of dead tasks."""


async def get_queue(connection: Connection) -> Queue:
    return connection.state["queue"]


QueueDep = Annotated[Queue, Depends(get_queue)]


async def get_tasks(principal: PrincipalDep, queue: QueueDep) -> TaskService:
    return TaskService(
        queue=queue,
        owner_id=principal.user_id,
        has_full_access=principal.has_full_access,
        require_scopes=principal.require_scopes,
    )


TasksDep = Annotated[TaskService, Depends(get_tasks)]
