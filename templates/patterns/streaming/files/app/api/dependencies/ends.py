"""When a stream has to end although its client is connected: never, without authentication."""

from typing import Annotated

from fastapi import Depends

from app.realtime.streams import End, never


async def get_end() -> End:
    return never


EndDep = Annotated[End, Depends(get_end)]
