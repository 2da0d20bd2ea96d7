"""When a stream ends although its client is there: never, since nobody signs in."""

from typing import Annotated

from fastapi import Depends

from app.core.streams.response import End, never


async def get_end() -> End:
    return never


EndDep = Annotated[End, Depends(get_end)]
