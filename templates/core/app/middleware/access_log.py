"""The access log: one line a request, with its status and duration."""

from contextlib import suppress
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging import get_access_log, safe_path


class AccessLog:
    """Logs each request when its response has ended, and each WebSocket when it is closed.

    A WebSocket has the status of its handshake: 101, or that of the refusal.
    """

    def __init__(self, app: ASGIApp, *, as_json: bool) -> None:
        self.app = app
        self._log = get_access_log(as_json=as_json)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        status: int | None = None
        started_at = perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if status is None:
                status = _status(message)
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            self._log_request(scope, status, perf_counter() - started_at)

    def _log_request(self, scope: Scope, status: int | None, seconds: float) -> None:
        client = scope.get("client")
        with suppress(OSError):  # such as a full disk
            self._log(
                "request",
                method=scope.get("method", "WEBSOCKET"),
                path=safe_path(scope["path"]),
                status=status,
                duration_ms=round(seconds * 1000, 2),
                client=client[0] if client else None,
            )


def _status(message: Message) -> int | None:
    match message["type"]:
        case "http.response.start" | "websocket.http.response.start":
            return int(message["status"])
        case "websocket.accept":
            return 101
        case "websocket.close":
            return 403
    return None
