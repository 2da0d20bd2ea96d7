"""Tasks that wait for the relay, as they are stored."""

from dataclasses import dataclass

from app.models.base import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage(Row):
    """A task that was committed beside other writes, until it is in the queue."""

    task_id: str
    name: str
    queue: str
    args: str
    """As JSON."""
    owner_id: int | None
