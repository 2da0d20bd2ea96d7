"""The messages of a WebSocket, in both directions."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from app.schemas.base import Input, Output

RoomName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$", examples=["lobby"])]


class Say(Input):
    type: Literal["message"]
    text: Annotated[str, Field(min_length=1, max_length=4000)]


class Ping(Input):
    type: Literal["ping"]


ClientMessage = Annotated[Say | Ping, Field(discriminator="type")]
client_message: TypeAdapter[Say | Ping] = TypeAdapter(ClientMessage)


class Message(Output):
    type: Literal["message"] = "message"
    id: str
    room: str
    sender: str
    text: str
    at: datetime


class Members(Output):
    type: Literal["presence"] = "presence"
    room: str
    members: list[str]


class Pong(Output):
    type: Literal["pong"] = "pong"


class Error(Output):
    type: Literal["error"] = "error"
    code: str
    detail: str
