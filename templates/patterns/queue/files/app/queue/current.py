"""The task that is running, for its own code: the application's resources, owner, progress."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass

from app.lifespan import State


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentTask:
    """One attempt of a task."""

    state: State
    """As in requests: database, settings, the HTTP client."""
    task_id: str = ""
    """Empty for a task that was not enqueued by `Queue.enqueue`, such as one on a schedule."""
    owner_id: int | None = None
    attempt: int = 1
    report: Callable[[float], Awaitable[None]]
    """Records the progress, from 0 to 1. On SQLite it waits for the end of other writes."""


current: ContextVar[CurrentTask] = ContextVar("current_task")


def current_task() -> CurrentTask:
    """The task that calls this.

    Raises:
        LookupError: no task is running here.
    """
    return current.get()
