"""One log line a request, with its status and duration."""

from time import perf_counter

from app.core.access_lines import AccessLines
from app.core.logging import get_logger
from app.middleware.edge import Exchange, Step

logger = get_logger("access")


class AccessLog(Step):
    """Logs what was answered and how long it took; never the query, which may hold secrets."""

    def __init__(self, *, as_json: bool) -> None:
        self._lines = AccessLines() if as_json else None

    def on_end(self, exchange: Exchange) -> None:
        scope = exchange.scope
        if self._lines is not None:
            self._lines.add(scope, exchange.status, exchange.started_at)
            return
        logger.info(
            "request",
            method=scope["method"],
            path=scope["path"],
            status=exchange.status,
            duration_ms=round((perf_counter() - exchange.started_at) * 1000, 2),
        )

    def on_shutdown(self) -> None:
        if self._lines is not None:
            self._lines.flush()
