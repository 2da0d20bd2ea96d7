"""Tickets for rooms."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.auth.deps import SessionPrincipalDep
from app.lifespan import Connection
from app.realtime.messages import RoomName
from app.realtime.tickets import TICKET_SECONDS, Tickets, as_member
from app.schemas.base import Input, Output

router = APIRouter()


class TicketCreate(Input):
    room: RoomName


class TicketRead(Output):
    ticket: str
    expires_in: int


async def get_tickets(connection: Connection) -> Tickets:
    return connection.state["tickets"]


@router.post("/ticket")
async def issue_ticket(
    data: TicketCreate,
    principal: SessionPrincipalDep,
    tickets: Annotated[Tickets, Depends(get_tickets)],
) -> TicketRead:
    """A ticket for one room. Use it once, within 30 seconds, as `?ticket=`."""
    ticket = await tickets.issue(data.room, as_member(principal))
    return TicketRead(ticket=ticket, expires_in=TICKET_SECONDS)
