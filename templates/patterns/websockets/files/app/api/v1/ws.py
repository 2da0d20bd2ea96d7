"""Rooms in which what one says reaches all."""

from fastapi import APIRouter, WebSocket

from app.api.dependencies.member import MemberDep
from app.api.dependencies.rooms import HubDep, Room

router = APIRouter()


@router.websocket("/{room}")
async def enter_room(socket: WebSocket, room: Room, member: MemberDep, hub: HubDep) -> None:
    """Takes and gives the messages of `app/schemas/message.py`, as JSON texts."""
    await hub.serve(socket, room, member)
