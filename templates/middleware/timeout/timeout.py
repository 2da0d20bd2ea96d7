"""A time limit for requests."""

import math
from typing import ClassVar

from anyio import move_on_after, sleep_forever
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging import get_logger, safe_path
from app.core.problems import problem

logger = get_logger(__name__)


class Timeout:
    """Cancels a request whose response has not started in time: 503.

    The transaction is undone, unless its commit has begun: then it is finished. A response that
    has started, such as a stream, has no limit.
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
                if limit.cancel_called:  # the time was over as the response became ready
                    await sleep_forever()
                limit.deadline = math.inf
                await send(message)

            await self.app(scope, receive, send_and_wait)
        if limit.cancelled_caught:
            path = safe_path(scope["path"])
            logger.warning("request_timed_out", method=scope["method"], path=path)
            headers = {"Retry-After": "1"}
            refusal = problem(scope, 503, "The service took too long.", headers=headers)
            await refusal(scope, receive, send)
