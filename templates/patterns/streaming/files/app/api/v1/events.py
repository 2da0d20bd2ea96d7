"""Events by topic, to whoever listens."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, status

from app.api.dependencies.endings import EndDep
from app.api.dependencies.streams import LastEventId, TopicsDep, take_slot
from app.core.streams.response import EventStream
from app.schemas.event import EventAccepted, EventCreate, TopicName

router = APIRouter()

Topic = Annotated[TopicName, Path(examples=["news"])]


# Bytes instead of FastAPI's own events: each is encoded once, for all who follow.
@router.get(
    "/{topic}",
    dependencies=[Depends(take_slot)],
    response_class=EventStream,
    responses={429: {}},
)
async def follow_topic(
    topic: Topic, topics: TopicsDep, end: EndDep, last_event_id: LastEventId = None
) -> EventStream:
    """Frames with `id`, `event` and `data`, without an end. With `Last-Event-ID` it goes on after
    that event; if it is not kept any more, there is one `event: reset` first.
    """
    return EventStream(partial(topics.follow, topic, last_event_id), until=end)


@router.post("/{topic}", status_code=status.HTTP_202_ACCEPTED)
async def publish_event(topic: Topic, data: EventCreate, topics: TopicsDep) -> EventAccepted:
    return EventAccepted(id=await topics.publish(topic, data.type, data.data))
