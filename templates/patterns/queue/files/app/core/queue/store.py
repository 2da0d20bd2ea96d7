"""Where tasks wait: what it has to do, in the memory of a process or in Redis alike."""

from collections.abc import Sequence
from typing import Protocol

from app.core.queue.record import DeadLetter, Outcome, TaskRecord


class Store(Protocol):
    """Each method is one step, whole or not at all. All raise `Unavailable` without an answer."""

    async def add(self, record: TaskRecord) -> TaskRecord:
        """Accept a task; with the id of one that is there already, that one is the answer."""

    async def get(self, task_id: str) -> TaskRecord | None: ...

    async def take(self, queues: Sequence[str], limit: int) -> Sequence[TaskRecord]:
        """Start tasks, those of the first queue first. A lease on each keeps others away.

        Those whose lease is over are started again; one that has outlived too many of its workers
        is buried instead.
        """

    async def wait(self, seconds: float) -> None:
        """Return when there may be something to take, or after that time."""

    async def extend(self, running: Sequence[TaskRecord]) -> Sequence[str]:
        """Renew the leases; the ids of those that others have taken over."""

    async def report(self, record: TaskRecord, progress: float) -> None:
        """Tell how far it is, from 0 to 1."""

    async def end(self, record: TaskRecord, outcome: Outcome) -> bool:
        """Whether it was ours to end: nobody has taken it over."""

    async def dead(self, after: int, limit: int) -> Sequence[DeadLetter]:
        """Those with the next ids."""

    async def replay(self, task_id: str) -> bool:
        """Enqueue one of the dead again, with all its attempts; whether it was there."""
