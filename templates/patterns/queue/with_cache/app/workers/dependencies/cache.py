"""The cache, for tasks."""

from typing import Annotated

from app.cache.cache import Cache
from app.core.queue.taskiq import RunDep, TaskDepends


async def get_cache(run: RunDep) -> Cache:
    return run.state["cache"]


CacheDep = Annotated[Cache, TaskDepends(get_cache)]
