"""Rooms over WebSockets: a message reaches all clients of its room."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Path, WebSocket

from app.core.origins import check_origin
from app.lifespan import Connection
from app.realtime.messages import RoomName
from app.realtime.rooms import Rooms
from app.realtime.sockets import Member

router = APIRouter()


async def get_rooms(connection: Connection) -> Rooms:
    return connection.state["rooms"]


async def get_member(connection: Connection) -> Member:
    """A guest. Browsers let every page open a WebSocket: its origin is checked."""
    allowed = connection.state["settings"].allowed_origins
    if "*" not in allowed:
        check_origin(connection.headers, allowed)
    return Member(name=f"guest-{secrets.token_hex(3)}")


MemberDep = Annotated[Member, Depends(get_member)]
RoomsDep = Annotated[Rooms, Depends(get_rooms)]


@router.websocket("/{room}")
async def enter_room(
    socket: WebSocket, room: Annotated[RoomName, Path()], member: MemberDep, rooms: RoomsDep
) -> None:
    """Messages are JSON texts; `app/realtime/messages.py` has their schemas."""
    await rooms.serve(socket, room, member)
