"""Schemas of tasks."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.queue.models import Status
from app.schemas.base import Input, Output
from app.schemas.pagination import CursorPage


class TaskCreate(Input):
    name: Annotated[str, Field(min_length=1, max_length=100, examples=["export_items"])]
    args: Annotated[dict[str, Any], Field(max_length=100, examples=[{}])] = {}


class TaskAccepted(Output):
    task_id: str
    status: Status


class TaskRead(Output):
    task_id: str
    name: str
    status: Status
    progress: Annotated[float, Field(ge=0, le=1)]
    result: Any
    error: str | None
    attempts: int
    created_at: datetime
    finished_at: datetime | None


TaskPage = CursorPage[TaskRead]
