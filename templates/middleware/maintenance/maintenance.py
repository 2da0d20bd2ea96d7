"""The service is closed for a while."""

from typing import ClassVar

from starlette.responses import Response

from app.core.health import PROBES
from app.core.problems import problem
from app.middleware.edge import Exchange, Step


class Maintenance(Step):
    """Answers 503 to everyone but the probes: nothing restarts it, and it stays in its place."""

    answers: ClassVar = (503,)
    sees_sockets = True

    def __init__(self, seconds: int) -> None:
        self._headers = {"Retry-After": str(seconds)}

    def on_request(self, exchange: Exchange) -> Response | None:
        if exchange.scope["path"] in PROBES:
            return None
        detail = "The service is closed for maintenance."
        return problem(exchange.scope, 503, detail, headers=self._headers)
