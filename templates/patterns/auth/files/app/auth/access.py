"""The scopes of routes, and their description in the OpenAPI document."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer

from app.auth.deps import API_KEY, refuses_api_keys, scopes_of
from app.auth.principal import ADMIN_SCOPE
from app.auth.schemas import ApiKeyCreate
from app.lifespan import Connection

PASSWORD = OAuth2PasswordBearer("api/v1/auth/token", scheme_name="Password")
KEY = APIKeyHeader(name=API_KEY, scheme_name="APIKey")


async def get_known_scopes(connection: Connection) -> frozenset[str]:
    """The scopes of all routes."""
    routes = (route for route in connection.app.routes if isinstance(route, APIRoute))
    return frozenset({ADMIN_SCOPE}).union(*(scopes_of(route) or () for route in routes))


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
    used: set[str] = set()
    for route in app.routes:
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        scopes = scopes_of(route)
        used |= scopes or frozenset()
        for method in route.methods or ():
            operation = schema["paths"][route.path_format][method.lower()]
            if scopes is None:
                operation["security"] = []  # it is public
                continue
            operation["security"] = [{PASSWORD.scheme_name: sorted(scopes)}]
            if not refuses_api_keys(route):
                operation["security"].append({KEY.scheme_name: []})
            operation["responses"] |= {"401": {}, "403": {}}  # `document` describes them
    key = schema["components"]["schemas"][ApiKeyCreate.__name__]
    key["properties"]["scopes"]["items"] = {"enum": sorted(used | {ADMIN_SCOPE})}
    password = PASSWORD.model.model_dump(mode="json", by_alias=True, exclude_none=True)
    password["flows"]["password"]["scopes"] = {scope: _meaning(scope) for scope in sorted(used)}
    schema["components"]["securitySchemes"] = {
        PASSWORD.scheme_name: password,
        KEY.scheme_name: KEY.model.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def _meaning(scope: str) -> str:
    resource, _, action = scope.partition(":")
    return f"{action.capitalize()} {resource}." if action else "Administer the service."
