"""Settings of tasks, whichever engine runs them."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from app.core.environment import PROJECT_ROOT, EnvironmentSettings


class QueueSettings(EnvironmentSettings):
    """The limits hold for each process that runs tasks."""

    queue_concurrency: int = Field(default=10, ge=1)
    queue_lease_seconds: float = Field(default=30, gt=0)
    queue_in_process: bool | None = None
    task_files: Annotated[Path, NoDecode] = Path("var/tasks")

    @field_validator("task_files")
    @classmethod
    def _in_the_project(cls, folder: Path) -> Path:
        return PROJECT_ROOT / folder
