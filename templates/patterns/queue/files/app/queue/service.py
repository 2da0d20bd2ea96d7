"""What one client may do with tasks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.core.errors import Invalid, NotFound
from app.db.sessions import Session
from app.queue.models import TaskRecord
from app.queue.queue import Queue


class TaskService:
    """Without users, every client may see all tasks."""

    def __init__(
        self,
        queue: Queue,
        *,
        owner_id: int | None = None,
        has_full_access: bool = True,
        require_scopes: Callable[[Sequence[str]], None] = lambda _: None,
    ) -> None:
        self._queue = queue
        self._owner_id = owner_id
        self._has_full_access = has_full_access
        self._require_scopes = require_scopes

    async def enqueue(
        self, session: Session, name: str, args: Mapping[str, Any], key: str | None
    ) -> TaskRecord:
        """Accept a task. The same key gives the same task.

        Raises:
            Invalid: there is no such task for clients, or it does not accept the arguments.
            Conflict: the key was used for another task, or with other arguments.
        """
        found = self._queue.type_of(name)
        if not found.is_for_clients:
            raise Invalid(f"There is no task `{name}`.", location=("body", "name"))
        self._require_scopes(found.scopes)
        key = None if key is None else f"client/{key}"
        return await self._queue.enqueue(session, name, args, key=key, owner_id=self._owner_id)

    async def get(self, task_id: str) -> TaskRecord:
        task = await self._queue.get(task_id)
        if not self._has_full_access and task.owner_id != self._owner_id:
            raise NotFound("There is no such task.")
        return task
