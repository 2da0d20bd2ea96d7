"""Rooms over WebSockets: a message reaches all clients of its room."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, WebSocket

from app.auth.authentication import Authenticator
from app.auth.deps import PrincipalDep, set_no_store
from app.auth.errors import InvalidToken, Unauthorized
from app.core.origins import check_origin
from app.lifespan import Connection
from app.realtime.messages import RoomName
from app.realtime.rooms import Rooms
from app.realtime.session_watcher import active_members
from app.realtime.sockets import Member
from app.realtime.tickets import TICKET_SECONDS, Tickets, as_member
from app.schemas.base import Input, Output

BEARER = "bearer."
"""The start of a subprotocol that is a token: browsers can send no other header."""

router = APIRouter()


class TicketCreate(Input):
    room: RoomName


class TicketRead(Output):
    ticket: str
    expires_in: int


async def get_rooms(connection: Connection) -> Rooms:
    return connection.state["rooms"]


async def get_tickets(connection: Connection) -> Tickets:
    return connection.state["tickets"]


RoomPath = Annotated[RoomName, Path()]
RoomsDep = Annotated[Rooms, Depends(get_rooms)]
TicketsDep = Annotated[Tickets, Depends(get_tickets)]


async def get_member(
    connection: Connection,
    room: RoomPath,
    tickets: TicketsDep,
    ticket: Annotated[str | None, Query(max_length=64)] = None,
) -> Member:
    """The user, by a ticket or a token. The handshake is refused without one.

    Browsers let every page open a WebSocket: its origin is checked.
    """
    allowed = connection.state["settings"].allowed_origins
    if "*" not in allowed:
        check_origin(connection.headers, allowed)
    database = connection.state["database"]
    if ticket is not None:
        member = await tickets.redeem(room, ticket)
        if not await active_members([member], database.read_session()):
            raise InvalidToken
        return member
    offered: list[str] = connection.scope.get("subprotocols", [])
    if (token := next((one for one in offered if one.startswith(BEARER)), None)) is None:
        raise Unauthorized("Get a ticket first, or send the token as a subprotocol.")
    authenticator = Authenticator(database, connection.state["auth"])
    return as_member(await authenticator.by_token(token.removeprefix(BEARER)))


MemberDep = Annotated[Member, Depends(get_member)]


@router.post("/ticket", dependencies=[Depends(set_no_store)])
async def issue_ticket(
    data: TicketCreate, principal: PrincipalDep, tickets: TicketsDep
) -> TicketRead:
    """A ticket for one room. Use it once, within 30 seconds, as `?ticket=`."""
    ticket = await tickets.issue(data.room, as_member(principal))
    return TicketRead(ticket=ticket, expires_in=TICKET_SECONDS)


@router.websocket("/{room}")
async def enter_room(socket: WebSocket, room: RoomPath, member: MemberDep, rooms: RoomsDep) -> None:
    """Messages are JSON texts; `app/realtime/messages.py` has their schemas."""
    await rooms.serve(socket, room, member)
