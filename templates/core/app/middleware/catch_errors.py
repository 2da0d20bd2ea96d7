"""Unexpected errors."""

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging import get_logger
from app.core.problems import problem

logger = get_logger(__name__)


class CatchErrors:
    """Logs an unexpected error, and returns 500 as problem details.

    An `HTTPException` of a middleware, such as one that reads the body, is its response.

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
        except ClientDisconnect:
            return  # the client has closed the connection
        except Exception as error:
            if has_started:
                raise  # the server logs the error and cuts the connection
            await _response(scope, error)(scope, receive, send)


def _response(scope: Scope, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return problem(scope, error.status_code, error.detail, headers=error.headers)
    logger.error("unhandled_error", exc_info=error)
    return problem(scope, 500, "The service failed.")
