"""Why a socket is closed (RFC 6455, section 7.4)."""

from typing import NamedTuple


class Closing(NamedTuple):
    code: int
    reason: str


GOING_AWAY = Closing(1001, "The service is about to stop.")
BINARY = Closing(1003, "Messages are texts.")
SLOW = Closing(1008, "You do not read what is sent to you.")
FLOOD = Closing(1008, "Too many messages.")
TOO_LARGE = Closing(1009, "A message has at most 64 KiB.")
ENDED = Closing(4401, "Your session has ended.")
