"""Counts requests and measures their durations."""

from time import perf_counter

from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.routing import Match, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
UNMATCHED = "unmatched"
PASSED = "metrics.passed"
"""The key of the list for the scope that the router gets, and sets the route in."""


class RequestMetrics:
    """Requests by method, route and status. Clients cannot add labels: paths are not recorded."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "http_requests",
            "Requests.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.durations = Histogram(
            "http_request_duration_seconds",
            "Time until the response has ended.",
            ["method", "route"],
            registry=registry,
        )


class MeasureRequests:
    """The outermost middleware: it sees the responses of all others."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        passed: list[Scope] = []
        status = "none"  # the client has gone, or the process ends
        started_at = perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self.app({**scope, PASSED: passed}, receive, send_and_note)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = _route_of(scope, passed[0]) if passed else UNMATCHED
            self._metrics.requests.labels(method, route, status).inc()
            self._metrics.durations.labels(method, route).observe(perf_counter() - started_at)


def _route_of(scope: Scope, passed: Scope) -> str:
    """The template of the path. FastAPI sets a route of its own kind only, and not pages."""
    if isinstance(route := passed.get("route"), APIRoute):
        return route.path
    others = [each for each in scope["app"].routes if isinstance(each, Route | Mount)]
    return next((each.path for each in others if each.matches(scope)[0] is Match.FULL), UNMATCHED)


class KeepScope:
    """The innermost middleware: those around it may pass on a copy of the scope."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.get(PASSED, []).append(scope)
        await self.app(scope, receive, send)
