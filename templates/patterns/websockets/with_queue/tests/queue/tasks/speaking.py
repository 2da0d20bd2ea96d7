"""A task that says something in a room."""

from app.core.queue.task import task
from app.workers.dependencies.rooms import HubDep


@task()
async def speak(hub: HubDep) -> str:
    return await hub.publish("lobby", "a task", "hi")
