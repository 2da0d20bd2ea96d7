"""Rooms, for tasks: whoever is in one hears what a task says there, in any process."""

from typing import Annotated

from app.core.queue.taskiq import RunDep, TaskDepends
from app.core.sockets.hub import Hub


async def get_hub(run: RunDep) -> Hub:
    return run.state["hub"]


HubDep = Annotated[Hub, TaskDepends(get_hub)]
