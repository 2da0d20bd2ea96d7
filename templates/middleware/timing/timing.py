"""How long requests take."""

from time import perf_counter

from starlette.types import Message

from app.core.logging import get_logger
from app.middleware.edge import Exchange, Step

logger = get_logger(__name__)


class Timing(Step):
    """Tells the client in `X-Process-Time-Ms` when the answer began, and logs those that are slow.

    Of a stream, the header has the time to its first part, the log the time to its last.
    """

    def __init__(self, slow_seconds: float) -> None:
        self._slow_seconds = slow_seconds

    def on_response(self, exchange: Exchange, start: Message, body: Message) -> None:
        milliseconds = (perf_counter() - exchange.started_at) * 1000
        start["headers"].append((b"x-process-time-ms", b"%.2f" % milliseconds))

    def on_end(self, exchange: Exchange) -> None:
        seconds = perf_counter() - exchange.started_at
        if seconds >= self._slow_seconds:
            logger.warning(
                "slow_request",
                method=exchange.scope["method"],
                path=exchange.scope["path"],
                status=exchange.status,
                duration_ms=round(seconds * 1000, 2),
            )
