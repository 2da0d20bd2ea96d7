"""When a stream ends although its client is there: with what has let the client in."""

import asyncio
from typing import Annotated

from fastapi import Depends

from app.auth.deps import authenticate
from app.auth.errors import Unauthorized
from app.core.errors import AppError
from app.core.streams.response import End
from app.lifespan import Connection


async def get_end(connection: Connection) -> End:
    """The end of a stream: its token or key is asked for again with every heartbeat."""
    seconds = connection.state["settings"].event_heartbeat_seconds

    async def until_refused() -> None:
        is_good = True
        while is_good:
            await asyncio.sleep(seconds)
            try:
                await authenticate(connection)
            except Unauthorized:
                is_good = False
            except AppError:
                pass  # what cannot be checked now is checked the next time

    return until_refused


EndDep = Annotated[End, Depends(get_end)]
