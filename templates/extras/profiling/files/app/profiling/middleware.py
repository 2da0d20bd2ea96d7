"""Profiles one request, and returns the profile in place of its response."""

from hmac import compare_digest

from anyio.to_thread import run_sync
from fastapi import FastAPI
from pyinstrument import Profiler
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import AppError
from app.core.problems import problem
from app.lifespan import Connection
from app.profiling.access import check_access

HEADER = "X-Profile"
INTERVAL_SECONDS = 0.001
# The page has its script and style inline.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"


def add_profiling(app: FastAPI) -> None:
    """Profile requests with a token; all others pass."""
    app.add_middleware(ProfileRequest)


class ProfileRequest:
    """The outermost middleware: a profile has all others in it. One request at a time."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._is_profiling = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_asked_for(scope):
            await self.app(scope, receive, send)
            return
        try:
            await check_access(Connection(scope))
        except AppError as error:
            response = problem(scope, error.status, error.detail, headers=error.headers)
            await response(scope, receive, send)
            return
        if self._is_profiling:
            response = PlainTextResponse(
                "Another request is profiled.\n", 503, {"Retry-After": "1"}
            )
            await response(scope, receive, send)
            return
        self._is_profiling = True
        try:
            profiler = Profiler(INTERVAL_SECONDS, async_mode="enabled")
            with profiler:
                await self.app(scope, receive, _discard)
        finally:
            self._is_profiling = False
        page = await run_sync(profiler.output_html)
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        await HTMLResponse(page, headers=headers)(scope, receive, send)


def _is_asked_for(scope: Scope) -> bool:
    given = Headers(scope=scope).get(HEADER)
    if given is None:
        return False
    token = Connection(scope).state["settings"].profiling_token.get_secret_value()
    return bool(token) and compare_digest(given.encode(), token.encode())


async def _discard(_message: Message) -> None:
    pass
