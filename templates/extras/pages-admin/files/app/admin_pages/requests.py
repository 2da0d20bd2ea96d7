"""Requests of the pages: their database sessions, and headers of all their responses."""

from contextvars import ContextVar
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.auth.cookies import SAFE_METHODS
from app.core.errors import AppError
from app.core.origins import check_origin
from app.core.problems import problem
from app.db.database import Database
from app.db.session import ReadSession

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    b"img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    b"frame-ancestors 'none'"
)
HEADERS = [(b"content-security-policy", POLICY), (b"cache-control", b"no-store")]

_database: ContextVar[Database] = ContextVar("database")


class RequestSessions:
    """Makes sessions as SQLAdmin expects: they read committed rows, and cannot write."""

    class_ = ReadSession

    def configure(self, **_: Any) -> None:  # noqa: ANN401
        """Sessions have the settings of the service."""

    def __call__(self, **_: Any) -> ReadSession:  # noqa: ANN401
        return _database.get().read_session()


class PagesMiddleware:
    """Refuses changes by pages of other origins, and sets the headers of the pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope["state"]
        if scope["method"] not in SAFE_METHODS:
            try:
                check_origin(Headers(scope=scope), state["settings"].allowed_origins)
            except AppError as error:
                await problem(scope, error.status, error.detail)(scope, receive, send)
                return
        _database.set(state["database"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in message["headers"]}
                if b"etag" not in names:  # pages, but not scripts and styles
                    message["headers"] = [*message["headers"], HEADERS[1]]
                message["headers"] = [*message["headers"], HEADERS[0]]
            await send(message)

        await self.app(scope, receive, send_with_headers)
