"""The tools behind the checks of callers."""

from typing import Annotated

from fastapi import Depends

from app.core.security.tools import SecurityTools
from app.lifespan import Connection


async def get_tools(connection: Connection) -> SecurityTools:
    return connection.state["security"]


async def get_address(connection: Connection) -> str:
    """Where the request comes from: behind a proxy, what one of TRUSTED_PROXIES says."""
    return connection.client.host if connection.client else ""


ToolsDep = Annotated[SecurityTools, Depends(get_tools)]
AddressDep = Annotated[str, Depends(get_address)]
