"""Routes are written as a tree of routers, and served as one list.

FastAPI walks that tree for every request, and each level makes the walk longer.
`form_limits` belong on a route: those of an include are not seen from here.
"""

from copy import copy

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Match, Route


def flatten_routes(app: FastAPI) -> None:
    """Serve the routes included so far from a list, and HEAD wherever GET is served."""
    routes = [_included(context) for context in iter_route_contexts(app.routes)]
    resources = [route for route in routes if isinstance(route, APIRoute)]
    heads = [_for_head(route) for route in resources if "GET" in (route.methods or ())]
    app.router.routes = [*routes, *heads]


def allowed_methods(request: Request) -> str:
    """All methods of the path of a request, for the header `Allow`.

    `/items/cursor` is another resource than `/items/{item_id}`, though it matches both.
    """
    routes = [each for each in request.app.routes if isinstance(each, Route)]
    matching = [each for each in routes if each.matches(request.scope)[0] is not Match.NONE]
    fixed = [each for each in matching if not each.param_convertors]
    methods = {method for each in fixed or matching for method in each.methods or ()}
    return ", ".join(sorted(methods))


def _included(context: RouteContext) -> BaseRoute:
    """A copy of the route with everything from its includes: prefix, tags, dependencies ..."""
    route = copy(context.original_route)
    for name, value in vars(route).items():
        setattr(route, name, getattr(context, name, value))
    return route


def _for_head(route: APIRoute) -> APIRoute:
    route = copy(route)
    route.methods, route.include_in_schema = {"HEAD"}, False
    return route
