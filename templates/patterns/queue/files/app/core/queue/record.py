"""What is known of a task that was enqueued."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal


class Status(StrEnum):
    QUEUED = "queued"
    """It waits: for a worker, or after an attempt that failed for the next one."""
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """It said no; to try again would not help."""
    DEAD = "dead"
    """Given up after all attempts, until somebody replays it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """A task from the moment it was accepted, until some time after its end."""

    task_id: str
    name: str
    queue: str
    args: Mapping[str, Any]
    owner_id: int | None
    """The user who enqueued it, if there are users."""
    created_at: datetime
    status: Status = Status.QUEUED
    progress: float = 0
    result: Any = None
    error: str | None = None
    attempts: int = 0
    """How often it was started."""
    failures: int = 0
    """How often it ended with an error."""
    crashes: int = 0
    """How often it never ended, since its worker did."""
    finished_at: datetime | None = None
    number: int = 0
    """That of its last start: whoever runs an earlier one has lost it to another worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a start ended, and what is to happen now.

    `finish` is for good, `retry` after `seconds`, `bury` among the dead, `put back` as if it had
    never been started.
    """

    what: Literal["finish", "retry", "bury", "put back"]
    status: Status = Status.QUEUED
    result: Any = None
    error: str | None = None
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A task that was given up."""

    id: int
    """Counts up: a list that is walked through by it misses none."""
    task: TaskRecord
