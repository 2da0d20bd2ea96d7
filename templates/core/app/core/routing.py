"""Routes are written as a tree of routers, and served from an index.

FastAPI walks that tree for every request, and each level and each resource makes the walk longer.
The index finds a route by the literal start of its path, whatever the number of routes.
`form_limits` belong on a route: those of an include are not seen from here.
"""

from collections import defaultdict
from collections.abc import Iterator
from copy import copy
from typing import NamedTuple

from fastapi import APIRouter, FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from app.core.request_limits import limit_request


def flatten(app: FastAPI) -> None:
    """Serve the routes included so far from an index; later ones work the usual way."""
    routes = [_included(context) for context in iter_route_contexts(app.routes)]
    app.router = FlatRouter(app, routes)


def _included(context: RouteContext) -> BaseRoute:
    """A copy of the route with everything from its includes: prefix, tags, dependencies ..."""
    route = copy(context.original_route)
    for name, value in vars(route).items():
        setattr(route, name, getattr(context, name, value))
    return route


class _Entry(NamedTuple):
    order: int
    route: Route | Mount
    methods: frozenset[str] | None
    """None is any method."""
    alone: APIRouter
    """A router with this one route."""


class FlatRouter(APIRouter):
    """Works as a plain router with the same routes, with two differences.

    HEAD is answered wherever GET is, and a 405 names all methods of its path.
    """

    def __init__(self, app: FastAPI, routes: list[BaseRoute]) -> None:
        super().__init__(
            routes=routes,
            redirect_slashes=False,
            dependency_overrides_provider=app,
            lifespan=app.router.lifespan_context,
        )
        self._index: dict[str, list[_Entry]] = defaultdict(list)
        """By the path, or by its start up to the segment with the first parameter."""
        for order, route in enumerate(routes):
            if isinstance(route, WebSocketRoute):
                continue
            if not isinstance(route, Route | Mount):
                break  # routes behind one of another kind are found the usual way
            methods = getattr(route, "methods", None)
            alone = APIRouter(routes=[route], redirect_slashes=False)
            entry = _Entry(order, route, frozenset(methods) if methods else None, alone)
            literal, parameter, _ = route.path_format.partition("{")
            key = literal[: literal.rindex("/") + 1] if parameter else literal
            self._index[key].append(entry)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        receive = limit_request(scope, receive)
        scope.setdefault("router", self)
        path, method = _path(scope), scope["method"]
        entry = self._find(path, method)
        if entry is None and method == "HEAD" and (entry := self._find(path, "GET")):
            # The server still sees HEAD in its own scope, and sends no body.
            scope = {**scope, "method": "GET", "is_head": True}
        if entry is None:
            try:
                await super().app(scope, receive, send)
            except HTTPException as error:
                if allowed := self._allowed(path):
                    error.headers = {"Allow": ", ".join(sorted(allowed))}
                raise
        elif "fastapi.telemetry" in scope:
            await entry.alone.app(scope, receive, send)  # it reports its route to telemetry
        else:
            _, found = entry.route.matches(scope)
            scope.update(found)
            await entry.route.handle(scope, receive, send)

    def _find(self, path: str, method: str) -> _Entry | None:
        """The first declared route for this path and this method."""
        found = [
            entry
            for entry in self._candidates(path)
            if (entry.methods is None or method in entry.methods)
            and entry.route.path_regex.match(path)
        ]
        return min(found) if found else None

    def _candidates(self, path: str) -> Iterator[_Entry]:
        if not path.endswith("/"):
            yield from self._index.get(path, ())
        end = path.find("/") + 1
        while end:
            yield from self._index.get(path[:end], ())
            end = path.find("/", end) + 1

    def _allowed(self, path: str) -> set[str]:
        """The methods of a path: those of routes without parameters, if there are any."""
        entries = [each for each in self._candidates(path) if each.route.path_regex.match(path)]
        fixed = [entry for entry in entries if entry.route.path_format == path]
        allowed = {method for entry in fixed or entries for method in entry.methods or ()}
        return allowed | {"HEAD"} if "GET" in allowed else allowed


def is_head(scope: Scope) -> bool:
    """Whether the client wants the headers only, so that an endless body should not begin."""
    return scope["method"] == "HEAD" or "is_head" in scope


def _path(scope: Scope) -> str:
    """The path below the mount point of the application."""
    path: str = scope["path"]
    root_path: str = scope.get("root_path", "").rstrip("/")
    return path.removeprefix(root_path) if path.startswith(f"{root_path}/") else path
