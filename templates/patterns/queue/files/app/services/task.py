"""The rules of tasks, as clients know them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from app.core.errors import Invalid, NotFound
from app.core.queue.queue import Queue
from app.core.queue.record import DeadLetter, TaskRecord


class TaskService:
    """What one caller can do with tasks: without callers, anybody with all of them."""

    def __init__(
        self,
        queue: Queue,
        *,
        owner_id: int | None = None,
        sees_everything: bool = True,
        must_have: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        self._queue = queue
        self._owner_id = owner_id
        self._sees_everything = sees_everything
        self._must_have = must_have

    async def enqueue(self, name: str, args: Mapping[str, Any], key: str | None) -> TaskRecord:
        """Accept a task. The same key gives the same task.

        Raises:
            NotFound: there is no such task.
            Invalid: it does not take these arguments.
        """
        if (task := self._queue.tasks.get(name)) is None or not task.exposed:
            raise NotFound(f"There is no task `{name}`.")
        if self._must_have is not None:
            self._must_have(task.scopes)
        try:
            checked = task.arguments.model_validate(args)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            raise Invalid(first["msg"], location=("body", "args", *first["loc"])) from None
        key = None if key is None else f"client/{key}"
        return await self._queue.enqueue(name, checked, owner_id=self._owner_id, key=key)

    async def get(self, task_id: str) -> TaskRecord:
        task = await self._queue.get(task_id)
        if not self._sees_everything and task.owner_id != self._owner_id:
            raise NotFound("There is no such task.")
        return task

    async def dead(self, after: int, limit: int) -> Sequence[DeadLetter]:
        return await self._queue.dead(after, limit)

    async def replay(self, task_id: str) -> TaskRecord:
        return await self._queue.replay(task_id)
