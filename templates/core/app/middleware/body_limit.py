"""The size of request bodies."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem

DETAIL = "The body is larger than this service accepts."
CLOSE = {"Connection": "close"}


class BodyLimit:
    """Returns 413 for larger bodies: by `Content-Length` at once, else while they are read."""

    def __init__(self, app: ASGIApp, max_bytes: int, limits: Mapping[str, int]) -> None:
        """Set the limits.

        Args:
            app: the application.
            max_bytes: the limit of most paths.
            limits: path -> bytes, for paths with a limit of their own.
        """
        self.app = app
        self._max_bytes = max_bytes
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        max_bytes = self._limits.get(path, self._max_bytes)
        headers = dict(scope["headers"])
        length = headers.get(b"content-length")
        if length is not None:
            if not length.isdigit() or int(length) > max_bytes:
                await problem(scope, 413, DETAIL, headers=CLOSE)(scope, receive, send)
                return
        elif b"transfer-encoding" in headers:
            receive = limited(receive, max_bytes)
        await self.app(scope, receive, send)


def limited(receive: Receive, max_bytes: int, detail: str = DETAIL) -> Receive:
    """Receive a body of up to `max_bytes`; a larger one raises an `HTTPException` with 413."""
    received = 0

    async def receive_and_count() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise HTTPException(413, detail, CLOSE)
        return message

    return receive_and_count
