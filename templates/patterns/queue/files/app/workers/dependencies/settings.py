"""The settings, for tasks."""

from typing import Annotated

from app.core.queue.taskiq import RunDep, TaskDepends
from app.settings import Settings


async def get_settings(run: RunDep) -> Settings:
    return run.state["settings"]


SettingsDep = Annotated[Settings, TaskDepends(get_settings)]
