"""What a task is: a function, and how it is run when it does not succeed at once."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_type_hints

from pydantic import BaseModel


class NoArguments(BaseModel, extra="forbid"):
    """What a task takes that takes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A function that runs behind the answers; `@task()` makes one."""

    name: str
    function: Callable[..., Any]
    arguments: type[BaseModel]
    """The type of its parameter `args`: what is enqueued is checked by it."""
    queue: str
    """Those that `QUEUE_NAMES` has first are emptied first."""
    retries: int
    """How often it is tried again after an error."""
    backoff: float
    """Seconds before the first of these, at most; they double."""
    longest_backoff: float
    timeout: float
    """Seconds for one attempt."""
    cron: str | None
    """When it runs by itself, in UTC, such as `*/5 * * * *`."""
    exposed: bool
    """Whether clients may enqueue it by its name."""
    scopes: Sequence[str]
    """What such a client needs, where clients have scopes."""

    def pause(self, failures: int) -> float:
        """Seconds before the next attempt, cut by chance so that a crowd does not come back."""
        longest = min(self.backoff * 2.0 ** min(failures - 1, 64), self.longest_backoff)
        return longest * (0.5 + random.random() / 2)  # noqa: S311


def task(
    *,
    queue: str = "default",
    retries: int = 3,
    backoff: float = 1,
    longest_backoff: float = 300,
    timeout: float = 300,
    cron: str | None = None,
    exposed: bool = False,
    scopes: Sequence[str] = (),
) -> Callable[[Callable[..., Any]], Task]:
    """Make a task of a function in a module of `app/workers/tasks`; it is called like it.

    Its parameter `args`, if it has one, is a schema; the others are dependencies.
    """

    def make(function: Callable[..., Any]) -> Task:
        return Task(
            name=function.__name__,
            function=function,
            arguments=get_type_hints(function).get("args", NoArguments),
            queue=queue,
            retries=retries,
            backoff=backoff,
            longest_backoff=longest_backoff,
            timeout=timeout,
            cron=cron,
            exposed=exposed,
            scopes=scopes,
        )

    return make


Tasks = Mapping[str, Task]
FOLDER = "app.workers.tasks"


def load_tasks() -> Tasks:
    """All tasks of the project, by name: every module of their folder is imported.

    Raises:
        ValueError: two have the same name.
    """
    found: dict[str, Task] = {}
    for module in iter_modules(import_module(FOLDER).__path__):
        for value in vars(import_module(f"{FOLDER}.{module.name}")).values():
            if isinstance(value, Task) and found.setdefault(value.name, value) is not value:
                raise ValueError(f"there are two tasks called {value.name}")
    return found
