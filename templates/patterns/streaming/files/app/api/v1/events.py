"""Events by topic, to all clients that follow it."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, status
from pydantic import Field, JsonValue

from app.lifespan import Connection
from app.realtime.streams import EventStream, limit_streams
from app.realtime.topics import Topics
from app.schemas.base import Input, Output, none_of

NAME = r"^[A-Za-z0-9._:-]{1,64}$"

router = APIRouter()


class EventCreate(Input):
    type: Annotated[str, Field(pattern=NAME, examples=["price_changed"]), none_of("reset")]
    data: dict[str, JsonValue] = Field(examples=[{"item": 7}])


class EventAccepted(Output):
    id: str = Field(examples=["1924905600000-0"])


async def get_topics(connection: Connection) -> Topics:
    return connection.state["topics"]


TopicName = Annotated[str, Path(pattern=NAME, examples=["news"])]
TopicsDep = Annotated[Topics, Depends(get_topics)]
LastEventId = Annotated[
    str | None, Header(max_length=64, description="The last event that the client has received.")
]


# Bytes instead of FastAPI's own events: each event is encoded once, for all clients.
@router.get(
    "/{topic}",
    dependencies=[Depends(limit_streams)],
    response_class=EventStream,
    responses={429: {}},
)
async def follow_topic(
    topic: TopicName, topics: TopicsDep, last_event_id: LastEventId = None
) -> EventStream:
    """Frames with `id`, `event` and `data`. With `Last-Event-ID` the stream resumes after that
    event. If events after it have expired, the stream starts with `event: reset`.
    """
    return EventStream(partial(topics.follow, topic, last_event_id))


@router.post("/{topic}", status_code=status.HTTP_202_ACCEPTED)
async def publish_event(topic: TopicName, data: EventCreate, topics: TopicsDep) -> EventAccepted:
    return EventAccepted(id=await topics.publish(topic, data.type, data.data))
