"""The model of tasks."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.errors import AppError, Unavailable
from app.db.base import Base, TimestampMixin
from app.db.columns import Choice, Id, short_text


class Status(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """Refused by the task itself: a retry would not help."""
    DEAD = "dead"
    """Out of attempts. It can be replayed."""

    @classmethod
    def after(cls, error: BaseException) -> "Status":
        """The last status of a task with this error: expected errors are refusals, outages not."""
        is_refusal = isinstance(error, AppError) and not isinstance(error, Unavailable)
        return cls.FAILED if is_refusal else cls.DEAD


CRASHED = "The worker ended while the task ran."
MAX_CRASHES = 3
"""A task that has crashed this many workers is dead."""


class TaskRecord(TimestampMixin, Base):
    """A task from the moment when it is enqueued."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_status", "status", "id"),
        Index("ix_tasks_due_at", "due_at"),
    )

    task_id: Mapped[str] = mapped_column(short_text(32), unique=True)
    name: Mapped[str] = mapped_column(short_text(100))
    args: Mapped[dict[str, Any]] = mapped_column(JSON)
    owner_id: Mapped[int | None] = mapped_column(Id)
    """The user who enqueued it, where there are users."""
    key: Mapped[str | None] = mapped_column(short_text(64), unique=True)
    """A digest of the owner and the idempotency key."""
    traceparent: Mapped[str | None] = mapped_column(short_text(55))
    """The span that enqueued it, as the header of this name has it, where that is traced."""
    job_id: Mapped[str | None] = mapped_column(short_text(64))
    """The job of the engine, where it has one before a worker gets it."""
    due_at: Mapped[datetime | None]
    """The due time of a waiting task, or the expiry of the lease of a running one."""
    status: Mapped[Status] = mapped_column(Choice(Status, name="status"), default=Status.QUEUED)
    progress: Mapped[float] = mapped_column(default=0.0)
    result: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    error: Mapped[str | None] = mapped_column(short_text(500))
    attempts: Mapped[int] = mapped_column(default=0)
    """Starts since it was enqueued or replayed. A worker with an earlier one has lost the task."""
    crashes: Mapped[int] = mapped_column(default=0)
    """Starts that ended with their worker."""
    finished_at: Mapped[datetime | None]

    @property
    def reference(self) -> dict[str, Any]:
        """What an engine carries besides the arguments: the values of the next `Attempt`."""
        return {
            "task_id": self.task_id,
            "number": self.attempts + 1,
            "owner_id": self.owner_id,
            "traceparent": self.traceparent,
        }

    def crash(self) -> None:
        """Count a start that ended with its worker: the task waits again, or is dead."""
        self.crashes += 1
        self.status, self.due_at = Status.QUEUED, None
        if self.crashes >= MAX_CRASHES:
            self.status, self.error, self.finished_at = Status.DEAD, CRASHED, datetime.now(UTC)
