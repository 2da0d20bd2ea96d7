"""What knows whether this process should get requests."""

from typing import Annotated

from fastapi import Depends

from app.core.health import Readiness
from app.core.lifespan import Connection


async def get_readiness(connection: Connection) -> Readiness:
    return connection.state["readiness"]


ReadinessDep = Annotated[Readiness, Depends(get_readiness)]
