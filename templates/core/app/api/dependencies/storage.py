"""The two ways to the storage: reading what is committed, and writing as one unit."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends

from app.core.lifespan import Connection
from app.core.storage import Reads, UnitOfWork


async def get_reads(connection: Connection) -> Reads:
    return connection.state["storage"].reads


async def get_unit(connection: Connection) -> AsyncGenerator[UnitOfWork]:
    async with connection.state["storage"].unit() as unit:
        yield unit


ReadsDep = Annotated[Reads, Depends(get_reads)]

# Function scope: the commit comes before the response, so that one that fails is not a 200.
UnitDep = Annotated[UnitOfWork, Depends(get_unit, scope="function")]
