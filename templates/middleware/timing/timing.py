"""Response times."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging import get_logger, safe_path

logger = get_logger(__name__)


class Timing:
    """Sets `X-Process-Time-Ms`, and logs slow requests.

    For a stream, the header has the time until it starts, and the log the time until it ends.
    """

    def __init__(self, app: ASGIApp, slow_seconds: float) -> None:
        self.app = app
        self._slow_seconds = slow_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status: int | None = None
        started_at = perf_counter()

        async def send_timed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                milliseconds = (perf_counter() - started_at) * 1000
                message["headers"].append((b"x-process-time-ms", b"%.2f" % milliseconds))
            await send(message)

        try:
            await self.app(scope, receive, send_timed)
        finally:
            seconds = perf_counter() - started_at
            if seconds >= self._slow_seconds:
                logger.warning(
                    "slow_request",
                    method=scope["method"],
                    path=safe_path(scope["path"]),
                    status=status,
                    duration_ms=round(seconds * 1000, 2),
                )
