"""Tasks on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.schemas.base import Input, Output
from app.schemas.pagination import CursorPage

TaskStatus = Literal["queued", "running", "succeeded", "failed", "dead"]


class TaskCreate(Input):
    """What the task is given; which arguments there are, the task says."""

    args: Annotated[dict[str, Any], Field(max_length=100, examples=[{}])] = {}


class TaskAccepted(Output):
    task_id: str
    status: TaskStatus


class TaskRead(Output):
    task_id: str
    name: str
    status: TaskStatus
    progress: Annotated[float, Field(ge=0, le=1)]
    result: Any
    error: str | None
    attempts: int
    created_at: datetime
    finished_at: datetime | None


class TaskPage(CursorPage[TaskRead]):
    pass
