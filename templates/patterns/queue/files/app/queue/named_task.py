"""A task as the decorator of the engine returns it."""

from typing import Protocol


class NamedTask(Protocol):
    @property
    def name(self) -> str: ...


def name_of(task: NamedTask) -> str:
    return task.name
