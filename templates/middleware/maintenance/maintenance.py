"""Maintenance mode."""

from typing import ClassVar

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.health import is_probe
from app.core.problems import problem


class Maintenance:
    """Returns 503 for all requests but probes: the instance is not restarted or replaced."""

    answers: ClassVar = (503,)

    def __init__(self, app: ASGIApp, seconds: int) -> None:
        self.app = app
        self._headers = {"Retry-After": str(seconds)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or is_probe(scope):
            await self.app(scope, receive, send)
            return
        detail = "The service is closed for maintenance."
        await problem(scope, 503, detail, headers=self._headers)(scope, receive, send)
