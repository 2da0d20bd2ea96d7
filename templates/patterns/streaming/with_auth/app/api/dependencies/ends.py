"""When a stream has to end although its client is connected: with its credentials."""

import asyncio
from typing import Annotated

from fastapi import Depends

from app.auth.deps import authenticate
from app.auth.errors import Unauthorized
from app.core.errors import AppError
from app.lifespan import Connection
from app.realtime.streams import End


async def get_end(connection: Connection) -> End:
    """The credentials are checked again with every heartbeat."""
    seconds = connection.state["settings"].event_heartbeat_seconds

    async def until_unauthorized() -> None:
        is_authorized = True
        while is_authorized:
            await asyncio.sleep(seconds)
            try:
                await authenticate(connection)
            except Unauthorized:
                is_authorized = False
            except AppError:
                pass  # the check failed: it is repeated with the next heartbeat

    return until_unauthorized


EndDep = Annotated[End, Depends(get_end)]
