"""The scopes of routes, and their description in the OpenAPI document."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute

from app.auth.deps import API_KEY, accepts_api_keys, scopes_of
from app.auth.principal import ADMIN_SCOPE
from app.lifespan import Connection


def known_scopes(app: FastAPI) -> frozenset[str]:
    """The scopes of all routes."""
    routes = (route for route in app.routes if isinstance(route, APIRoute))
    return frozenset({ADMIN_SCOPE}).union(*(scopes_of(route) or () for route in routes))


async def get_known_scopes(connection: Connection) -> frozenset[str]:
    return known_scopes(connection.app)


KnownScopesDep = Annotated[frozenset[str], Depends(get_known_scopes)]


def describe_access(app: FastAPI) -> None:
    """Add the scopes of each operation to the OpenAPI document; "Authorize" in `/docs` works."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _describe(app, describe())
        return describe()

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to extend it


def _describe(app: FastAPI, schema: dict[str, Any]) -> None:
    for route in app.routes:
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        scopes = scopes_of(route)
        for method in route.methods or ():
            operation = schema["paths"][route.path_format][method.lower()]
            if scopes is None:
                operation["security"] = []  # it is public
                continue
            operation["security"] = [{"Password": sorted(scopes)}]
            if accepts_api_keys(route):
                operation["security"].append({"APIKey": []})
            operation["responses"] |= {"401": {}, "403": {}}  # `extend_openapi` describes them
    known = dict.fromkeys(sorted(known_scopes(app)), "")
    flow = {"tokenUrl": "api/v1/auth/token", "scopes": known}
    schema["components"]["securitySchemes"] = {
        "Password": {"type": "oauth2", "flows": {"password": flow}},
        "APIKey": {"type": "apiKey", "in": "header", "name": API_KEY},
    }
