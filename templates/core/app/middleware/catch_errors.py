"""Unexpected errors."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging import get_logger
from app.core.problems import problem

logger = get_logger(__name__)


class CatchErrors:
    """Logs an unexpected error, and returns 500 as problem details.

    It stands inside the middleware that sets headers. Starlette's own handler is outside of all
    middleware: its response has none of their headers, and ends the connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception:
            if has_started:
                raise  # the server logs the error and cuts the connection
            logger.exception("unhandled_error")
            await problem(scope, 500, "The service failed.")(scope, receive, send)
