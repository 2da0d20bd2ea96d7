"""Routes are written as a tree of routers, and served from an index.

FastAPI walks that tree for every request, and each level and each resource makes the walk longer.
Here a request goes to its route by the literal start of its path, whatever the number of routes.
`form_limits` belong on a route: those of an include are not seen from here.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from copy import copy
from re import Pattern
from typing import NamedTuple

from fastapi import APIRouter, FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from app.core.request_limits import limit_request


def flatten(app: FastAPI) -> None:
    """Serve what is included so far from an index; routes added later work the usual way."""
    routes = [_included(context) for context in iter_route_contexts(app.routes)]
    app.router = FlatRouter(app, routes)


def _included(context: RouteContext) -> BaseRoute:
    """A copy of the route with all that its includes gave it: prefix, tags, dependencies ..."""
    route = copy(context.original_route)
    for name, value in vars(route).items():
        setattr(route, name, getattr(context, name, value))
    return route


class _Entry(NamedTuple):
    order: int
    path: Pattern[str]
    methods: frozenset[str] | None
    """None is any method."""
    route: BaseRoute
    alone: APIRouter
    """A router with this one route."""


class FlatRouter(APIRouter):
    """Answers as a plain router with the same routes does, and better twice: HEAD is answered
    wherever GET is, and a 405 names all methods of its path.
    """

    def __init__(self, app: FastAPI, routes: list[BaseRoute]) -> None:
        super().__init__(
            routes=routes,
            redirect_slashes=False,
            dependency_overrides_provider=app,
            lifespan=app.router.lifespan_context,
        )
        self._by_path: dict[str, list[_Entry]] = defaultdict(list)
        self._by_prefix: dict[str, list[_Entry]] = defaultdict(list)
        self._certain_below = math.inf
        for order, route in enumerate(routes):
            if isinstance(route, Route | Mount):
                self._add_to_index(order, route)
            elif not isinstance(route, WebSocketRoute):
                self._certain_below = min(self._certain_below, order)
        self._fixed = {
            (path, method): self._find(path, method)
            for path, entries in self._by_path.items()
            for entry in entries
            for method in entry.methods or ()
        }

    def _add_to_index(self, order: int, route: Route | Mount) -> None:
        methods = getattr(route, "methods", None)
        alone = APIRouter(routes=[route], redirect_slashes=False)
        entry = _Entry(
            order, route.path_regex, frozenset(methods) if methods else None, route, alone
        )
        literal, parameter, _ = route.path_format.partition("{")
        if parameter:
            self._by_prefix[literal[: literal.rindex("/") + 1]].append(entry)
        else:
            self._by_path[literal].append(entry)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        receive = limit_request(scope, receive)
        scope.setdefault("router", self)
        path, method = _path(scope), scope["method"]
        entry = self._fixed.get((path, method)) or self._find(path, method)
        if entry is None and method == "HEAD" and (entry := self._find(path, "GET")):
            # The server still sees HEAD in its own scope, and sends no body.
            scope = {**scope, "method": "GET", "is_head": True}
        if entry is None:
            if allowed := self._allowed(scope):
                raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
            await super().app(scope, receive, send)
        elif "fastapi.telemetry" in scope:
            await entry.alone.app(scope, receive, send)  # tells telemetry which route it is
        else:
            _, found = entry.route.matches(scope)
            scope.update(found)
            await entry.route.handle(scope, receive, send)

    def _find(self, path: str, method: str) -> _Entry | None:
        """The first declared route that takes the request, if the index can be sure of it."""
        found: _Entry | None = None
        for entries in self._candidates(path):
            for entry in entries:
                if found is not None and entry.order > found.order:
                    break
                if (entry.methods is None or method in entry.methods) and entry.path.match(path):
                    found = entry
                    break
        return found if found is not None and found.order < self._certain_below else None

    def _candidates(self, path: str) -> Iterator[list[_Entry]]:
        if path in self._by_path:
            yield self._by_path[path]
        end = path.find("/") + 1
        while end:
            if (prefix := path[:end]) in self._by_prefix:
                yield self._by_prefix[prefix]
            end = path.find("/", end) + 1

    def _allowed(self, scope: Scope) -> set[str]:
        """The methods of a path that exists, but not for this method; else nothing.

        Of a path that is written so, not those of another that it could be taken for.
        """
        literal: set[str] = set()
        by_pattern: set[str] = set()
        for route in self.routes:
            match, _ = route.matches(scope)
            if match is Match.FULL:
                return set()
            if match is Match.PARTIAL and isinstance(route, Route):
                found = by_pattern if "{" in route.path else literal
                found |= route.methods or set()
        allowed = literal or by_pattern
        return allowed | {"HEAD"} if "GET" in allowed else allowed


def is_head(scope: Scope) -> bool:
    """Whether only the head of the answer is wanted: a body without an end should not begin."""
    return scope["method"] == "HEAD" or "is_head" in scope


def _path(scope: Scope) -> str:
    """The path below where the application is mounted."""
    path: str = scope["path"]
    root_path: str = scope.get("root_path", "").rstrip("/")
    return path.removeprefix(root_path) if path.startswith(f"{root_path}/") else path
