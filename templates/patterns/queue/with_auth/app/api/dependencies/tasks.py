"""The service of tasks: everybody has their own, an admin sees all, also what was given up."""

from typing import Annotated

from fastapi import Depends

from app.api.dependencies.queue import QueueDep
from app.auth.deps import ADMINS_ONLY, PrincipalDep
from app.services.task import TaskService

FOR_OPERATORS = ADMINS_ONLY


async def get_tasks(principal: PrincipalDep, queue: QueueDep) -> TaskService:
    return TaskService(
        queue,
        owner_id=principal.user_id,
        sees_everything=principal.has_full_access,
        must_have=principal.require_scopes,
    )


TasksDep = Annotated[TaskService, Depends(get_tasks)]
"""Which scopes a task needs, it says itself."""
