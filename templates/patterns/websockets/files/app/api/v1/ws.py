"""Rooms over WebSockets: a message reaches all clients of its room."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, WebSocket

from app.api.dependencies.member import MemberDep
from app.lifespan import Connection
from app.realtime.messages import RoomName
from app.realtime.rooms import Rooms

router = APIRouter()


async def get_rooms(connection: Connection) -> Rooms:
    return connection.state["rooms"]


RoomsDep = Annotated[Rooms, Depends(get_rooms)]


@router.websocket("/{room}")
async def enter_room(
    socket: WebSocket, room: Annotated[RoomName, Path()], member: MemberDep, rooms: RoomsDep
) -> None:
    """Messages are JSON texts; `app/realtime/messages.py` has their schemas."""
    await rooms.serve(socket, room, member)
