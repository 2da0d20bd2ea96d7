"""The service of tasks: anybody may see them all."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends
from fastapi.params import Depends as Dependency

from app.api.dependencies.queue import QueueDep
from app.services.task import TaskService

FOR_OPERATORS: Sequence[Dependency] = ()
"""What the routes depend on that show what went wrong; the place to close them to others."""


async def get_tasks(queue: QueueDep) -> TaskService:
    return TaskService(queue)


TasksDep = Annotated[TaskService, Depends(get_tasks)]
