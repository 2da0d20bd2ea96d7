"""What the queues may hold besides messages of this service."""

from collections.abc import Container
from typing import Any

from dramatiq import JSONEncoder, Message
from dramatiq.encoder import MessageData
from pydantic import TypeAdapter

from app.core.logging import get_logger

logger = get_logger(__name__)

MESSAGE: TypeAdapter[Message[Any]] = TypeAdapter(Message[Any])


class CheckingEncoder(JSONEncoder):
    """As dramatiq's, but the actor of a message that does not belong here is unknown.

    dramatiq puts it aside then. Otherwise, each would end one of its threads.
    """

    def __init__(self, queues: Container[str]) -> None:
        self._queues = queues

    def decode(self, data: bytes) -> MessageData:
        try:
            fields = super().decode(data)
            is_for_here = MESSAGE.validate_python(fields).queue_name in self._queues
        except Exception as error:  # noqa: BLE001  # data of any form
            logger.warning("message_of_another_form", error=repr(error))
            names = dict.fromkeys(("queue_name", "actor_name"), "")
            return {**names, "args": (), "kwargs": {}, "options": {}}
        return fields if is_for_here else {**fields, "actor_name": ""}
