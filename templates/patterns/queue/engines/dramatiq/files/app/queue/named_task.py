"""A task as the decorator of dramatiq returns it."""

from typing import Any

import dramatiq

NamedTask = dramatiq.Actor[..., Any]


def name_of(task: NamedTask) -> str:
    return task.actor_name
