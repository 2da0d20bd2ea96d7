"""Events on the wire."""

from typing import Annotated

from pydantic import Field, JsonValue

from app.schemas.base import Input, Output, none_of

TopicName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
EventType = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$", examples=["price_changed"]),
    none_of("reset"),
]


class EventCreate(Input):
    type: EventType
    data: dict[str, JsonValue] = Field(examples=[{"item": 7}])


class EventAccepted(Output):
    id: str = Field(examples=["1924905600000-0"])
