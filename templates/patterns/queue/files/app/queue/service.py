"""Task business logic, for one client."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.errors import Invalid, NotFound
from app.db.session import Session
from app.queue.models import TaskRecord
from app.queue.queue import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskService:
    """Without users, every client may see all tasks."""

    queue: Queue
    owner_id: int | None = None
    has_full_access: bool = True
    require_scopes: Callable[[Sequence[str]], None] = lambda _: None

    async def enqueue(
        self, session: Session, name: str, args: Mapping[str, Any], key: str | None
    ) -> TaskRecord:
        """Accept a task. The same key gives the same task.

        Raises:
            Invalid: there is no such task for clients, or it does not accept the arguments.
            Conflict: the key was used for another task, or with other arguments.
        """
        found = self.queue.type_of(name)
        if not found.is_for_clients:
            raise Invalid(f"There is no task `{name}`.", location=("body", "name"))
        self.require_scopes(found.scopes)
        key = None if key is None else f"client/{key}"
        return await self.queue.enqueue(session, name, args, key=key, owner_id=self.owner_id)

    async def get(self, task_id: str) -> TaskRecord:
        task = await self.queue.get(task_id)
        if not self.has_full_access and task.owner_id != self.owner_id:
            raise NotFound("There is no such task.")
        return task
