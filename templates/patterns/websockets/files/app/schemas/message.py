"""What is said over a socket, in both directions."""

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


FromClient = Annotated[Say | Ping, Field(discriminator="type")]
from_client: TypeAdapter[Say | Ping] = TypeAdapter(FromClient)


class Message(Output):
    type: Literal["message"] = "message"
    id: str
    room: str
    sender: str
    text: str
    at: datetime


class Presence(Output):
    type: Literal["presence"] = "presence"
    room: str
    members: list[str]


class Pong(Output):
    type: Literal["pong"] = "pong"


class Fault(Output):
    type: Literal["error"] = "error"
    code: str
    detail: str
