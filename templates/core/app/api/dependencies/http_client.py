"""The client for other services."""

from typing import Annotated

from fastapi import Depends
from httpx2 import AsyncClient

from app.core.lifespan import Connection


async def get_http_client(connection: Connection) -> AsyncClient:
    return connection.state["http"]


HTTPClientDep = Annotated[AsyncClient, Depends(get_http_client)]
