"""Tickets for rooms: browsers cannot send a token with a socket."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.auth.deps import SessionPrincipalDep
from app.core.sockets.tickets import TICKET_SECONDS, Tickets, as_member
from app.lifespan import Connection
from app.schemas.ticket import TicketCreate, TicketRead

router = APIRouter()


async def get_tickets(connection: Connection) -> Tickets:
    return connection.state["tickets"]


@router.post("/ticket")
async def issue_ticket(
    data: TicketCreate,
    principal: SessionPrincipalDep,
    tickets: Annotated[Tickets, Depends(get_tickets)],
) -> TicketRead:
    """For one room, once, within half a minute: `?ticket=`."""
    ticket = await tickets.issue(data.room, as_member(principal))
    return TicketRead(ticket=ticket, expires_in=TICKET_SECONDS)
