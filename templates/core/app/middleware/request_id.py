"""A name for every request: in its response, in every log line, in every problem."""

import re
import secrets
from itertools import count

from starlette.responses import Response
from starlette.types import Message

from app.core import context
from app.middleware.edge import Exchange, Step

HARMLESS = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class RequestId(Step):
    """Keeps the caller's `X-Request-ID` when it is harmless, else makes one."""

    sees_sockets = True

    def __init__(self) -> None:
        self._process = secrets.token_hex(8)
        self._numbers = count(1)

    def on_request(self, exchange: Exchange) -> Response | None:
        sent = exchange.headers.get(b"x-request-id")
        if sent is not None and HARMLESS.fullmatch(sent):
            context.request_id.set(sent.decode())
        else:
            context.request_id.set(f"{self._process}-{next(self._numbers)}")
        return None

    def on_response(self, exchange: Exchange, start: Message, body: Message) -> None:
        request_id = context.request_id.get() or ""
        start["headers"].append((b"x-request-id", request_id.encode()))
