"""The rooms, and their names."""

from typing import Annotated

from fastapi import Depends, Path

from app.core.sockets.hub import Hub
from app.lifespan import Connection
from app.schemas.message import RoomName


async def get_hub(connection: Connection) -> Hub:
    return connection.state["hub"]


HubDep = Annotated[Hub, Depends(get_hub)]
Room = Annotated[RoomName, Path()]
