"""The service of tasks: everybody has their own, an admin sees all, also what was given up."""

from typing import Annotated

from fastapi import Depends

from app.api.dependencies.caller import ADMINS_ONLY, CallerDep
from app.api.dependencies.queue import QueueDep
from app.services.task import TaskService

FOR_OPERATORS = ADMINS_ONLY


async def get_tasks(caller: CallerDep, queue: QueueDep) -> TaskService:
    return TaskService(
        queue,
        owner_id=caller.user_id,
        sees_everything=caller.sees_everything,
        must_have=caller.must_have,
    )


TasksDep = Annotated[TaskService, Depends(get_tasks)]
"""Which scopes a task needs, it says itself."""
