"""The cache, for what is not a whole route."""

from typing import Annotated

from fastapi import Depends

from app.core.cache.cache import Cache
from app.lifespan import Connection


async def get_cache(connection: Connection) -> Cache:
    return connection.state["cache"]


CacheDep = Annotated[Cache, Depends(get_cache)]
