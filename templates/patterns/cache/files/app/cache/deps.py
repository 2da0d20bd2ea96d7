"""The cache as a dependency, for values that are not whole responses."""

from typing import Annotated

from fastapi import Depends

from app.cache.cache import Cache
from app.lifespan import Connection


async def get_cache(connection: Connection) -> Cache:
    return connection.state["cache"]


CacheDep = Annotated[Cache, Depends(get_cache)]
