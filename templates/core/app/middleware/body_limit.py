"""Bodies that are larger than the service wants to read."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message

from app.core.problems import problem
from app.middleware.edge import Exchange, Step

DETAIL = "The body is larger than this service accepts."
CLOSE = {"Connection": "close"}


class BodyLimit(Step):
    """Refuses by `Content-Length` before anything is read, and counts what comes without it."""

    def __init__(self, max_bytes: int, others: Mapping[str, int]) -> None:
        self._max_bytes = max_bytes
        self._others = others
        """Path -> bytes, where it is not `max_bytes`."""

    def on_request(self, exchange: Exchange) -> Response | None:
        scope = exchange.scope
        max_bytes = self._max_bytes
        if self._others:
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            max_bytes = self._others.get(path, max_bytes)
        length = exchange.headers.get(b"content-length")
        if length is None:
            if exchange.headers.get(b"transfer-encoding") is not None:
                self._count(exchange, max_bytes)
        elif not length.isdigit() or int(length) > max_bytes:
            return problem(scope, 413, DETAIL, headers=CLOSE)
        return None

    def _count(self, exchange: Exchange, max_bytes: int) -> None:
        receive = exchange.receive
        received = 0

        async def receive_and_count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > max_bytes:
                raise HTTPException(413, DETAIL, CLOSE)
            return message

        exchange.receive = receive_and_count
