"""Routes are written as a tree of routers, and served from an index.

FastAPI walks that tree for every request, and each level and each resource makes the walk longer.
The index finds the few routes that can match by the literal start of their paths.
`form_limits` belong on a route: those of an include are not seen from here.
"""

from collections import defaultdict
from collections.abc import Iterator
from copy import copy

from fastapi import APIRouter, FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from app.core.request_limits import limit_request


def flatten(app: FastAPI) -> None:
    """Serve the routes included so far from an index; later ones are tried for every path."""
    routes = [_included(context) for context in iter_route_contexts(app.routes)]
    app.router = FlatRouter(app, routes)


def _included(context: RouteContext) -> BaseRoute:
    """A copy of the route with everything from its includes: prefix, tags, dependencies ..."""
    route = copy(context.original_route)
    for name, value in vars(route).items():
        setattr(route, name, getattr(context, name, value))
    return route


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
        self._indexed = 0
        self._index: dict[str, list[int]] = defaultdict(list)
        self._routers: dict[tuple[str, ...], APIRouter] = {}
        """For each set of keys that a path has: a router with the routes of these keys."""

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        receive = limit_request(scope, receive)
        scope.setdefault("router", self)
        path = _path(scope)
        router = self._router_for(path)
        try:
            await router.app(scope, receive, send)
        except HTTPException as error:
            if error.status_code == 405:
                error.headers = {"Allow": ", ".join(sorted(_allowed(router.routes, path)))}
            raise

    def _router_for(self, path: str) -> APIRouter:
        for number in range(self._indexed, len(self.routes)):
            self._index[_key(self.routes[number])].append(number)
            self._routers.clear()
        self._indexed = len(self.routes)
        keys = tuple(key for key in _keys(path) if key in self._index)
        if (router := self._routers.get(keys)) is None:
            numbers = sorted(number for key in keys for number in self._index[key])
            routes = [_with_head(self.routes[number]) for number in numbers]
            router = APIRouter(routes=routes, redirect_slashes=False, default=super().app)
            self._routers[keys] = router
        return router


def _key(route: BaseRoute) -> str:
    """The path of a route, or its start up to the segment with the first parameter."""
    if not isinstance(route, Route | Mount):
        return ""
    literal, parameter, _ = route.path_format.partition("{")
    return literal[: literal.rindex("/") + 1] if parameter else literal


def _keys(path: str) -> Iterator[str]:
    """The keys of all routes that can match a path: it, and each start of it that ends in `/`."""
    yield ""
    end = path.find("/") + 1
    while 0 < end < len(path):
        yield path[:end]
        end = path.find("/", end) + 1
    yield path


def _with_head(route: BaseRoute) -> BaseRoute:
    methods = getattr(route, "methods", None) or ()
    if "GET" not in methods or "HEAD" in methods:
        return route
    route = copy(route)
    vars(route)["methods"] = {*methods, "HEAD"}
    return route


def _allowed(routes: list[BaseRoute], path: str) -> set[str]:
    """The methods of a path: those of routes without parameters, if there are any."""
    found = [each for each in routes if isinstance(each, Route) and each.path_regex.match(path)]
    fixed = [each for each in found if each.path_format == path]
    return {method for each in fixed or found for method in each.methods or ()}


def _path(scope: Scope) -> str:
    """The path below the mount point of the application."""
    path: str = scope["path"]
    root_path: str = scope.get("root_path", "").rstrip("/")
    return path.removeprefix(root_path) if path.startswith(f"{root_path}/") else path
