"""Events by topic, to whoever listens."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, status

from app.api.dependencies.streams import LastEventId, TopicsDep, take_slot
from app.core.streams.response import Stream
from app.schemas.event import EventAccepted, EventCreate, TopicName

router = APIRouter()

Topic = Annotated[TopicName, Path(examples=["news"])]
EVENTS = "text/event-stream"
UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


# Bytes instead of FastAPI's own events: each is encoded once, for all who follow.
@router.get(
    "/{topic}",
    dependencies=[Depends(take_slot)],
    response_class=Stream,
    responses={200: {"content": {EVENTS: {"schema": {"type": "string"}}}}, 429: {}},
)
async def follow_topic(
    topic: Topic, topics: TopicsDep, last_event_id: LastEventId = None
) -> Stream:
    """Frames with `id`, `event` and `data`, without an end. With `Last-Event-ID` it goes on after
    that event; if it is not kept any more, there is one `event: reset` first.
    """
    follow = partial(topics.follow, topic, last_event_id)
    return Stream(follow, media_type=EVENTS, headers=UNBUFFERED)


@router.post("/{topic}", status_code=status.HTTP_202_ACCEPTED)
async def publish_event(topic: Topic, data: EventCreate, topics: TopicsDep) -> EventAccepted:
    return EventAccepted(id=await topics.publish(topic, data.type, data.data))
