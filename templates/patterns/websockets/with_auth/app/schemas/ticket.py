"""Tickets on the wire."""

from app.schemas.base import Input, Output
from app.schemas.message import RoomName


class TicketCreate(Input):
    room: RoomName


class TicketRead(Output):
    ticket: str
    expires_in: int
