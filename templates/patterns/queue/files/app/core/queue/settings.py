"""Where tasks wait, who runs them, and how long anything is kept."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from app.core.environment import PROJECT_ROOT, EnvironmentSettings, StringList


class QueueSettings(EnvironmentSettings):
    """The limits of a worker hold for each process that runs tasks."""

    queue_names: StringList = ("high", "default", "low")
    queue_in_process: bool | None = None
    queue_concurrency: int = Field(default=10, ge=1)
    queue_rate_per_second: float = Field(default=0, ge=0)
    queue_lease_seconds: float = Field(default=30, gt=0)
    queue_max_crashes: int = Field(default=3, ge=1)
    queue_max_length: int = Field(default=100_000, ge=1)
    queue_result_ttl_seconds: int = Field(default=86_400, ge=1)
    queue_dead_ttl_seconds: int = Field(default=2_592_000, ge=1)
    queue_timeout_seconds: float = Field(default=2, gt=0)
    queue_poll_seconds: float = Field(default=1, gt=0)
    queue_relay_seconds: float = Field(default=5, gt=0)
    task_files: Annotated[Path, NoDecode] = Path("var/tasks")

    @field_validator("queue_names")
    @classmethod
    def _default_is_one_of_them(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if "default" not in names or len(set(names)) < len(names):
            raise ValueError("each name once, and `default` is one of them")
        return names

    @field_validator("task_files")
    @classmethod
    def _in_the_project(cls, folder: Path) -> Path:
        return PROJECT_ROOT / folder
