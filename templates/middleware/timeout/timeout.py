"""Requests that take too long."""

import math
from typing import ClassVar

from anyio import move_on_after
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging import get_logger
from app.core.problems import problem

logger = get_logger(__name__)


class Timeout:
    """Stops what has not begun to answer in time: 503, and what was written is undone.

    An answer that has begun, such as a stream, may take as long as it likes.
    """

    answers: ClassVar = (503,)

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with move_on_after(self._seconds) as limit:

            async def send_and_wait(message: Message) -> None:
                limit.deadline = math.inf
                await send(message)

            await self.app(scope, receive, send_and_wait)
        if limit.cancelled_caught:
            logger.warning("request_timed_out", method=scope["method"], path=scope["path"])
            refusal = problem(
                scope, 503, "The service took too long.", headers={"Retry-After": "1"}
            )
            await refusal(scope, receive, send)
