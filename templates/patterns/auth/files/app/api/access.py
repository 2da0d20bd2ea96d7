"""What each operation asks of its caller, read off its dependencies: for tokens, and for docs."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer

from app.api.dependencies.caller import API_KEY, get_caller
from app.core.problems import MEDIA_TYPE
from app.core.security.caller import ADMIN_SCOPE
from app.lifespan import Connection
from app.schemas.api_key import ApiKeyCreate

PASSWORD = OAuth2PasswordBearer("api/v1/auth/token", scheme_name="Password")
KEY = APIKeyHeader(name=API_KEY, scheme_name="APIKey")
SAID = {401: "Unauthorized", 403: "Forbidden"}


def needed_scopes(route: APIRoute) -> frozenset[str] | None:
    """The scopes that a route asks for; None: it is public."""
    dependants = list(_all_of(route.dependant))
    if not any(dependant.call is get_caller for dependant in dependants):
        return None
    return frozenset(scope for each in dependants for scope in each.own_oauth_scopes or ())


async def get_known_scopes(connection: Connection) -> frozenset[str]:
    """All scopes that routes of the service ask for."""
    routes = (route for route in connection.app.routes if isinstance(route, APIRoute))
    needed = [scopes for route in routes if (scopes := needed_scopes(route)) is not None]
    return frozenset({ADMIN_SCOPE}).union(*needed)


KnownScopesDep = Annotated[frozenset[str], Depends(get_known_scopes)]


def describe_access(app: FastAPI) -> None:
    """Let the schema say who may call what, so that "Authorize" works in `/docs`."""
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
        if (scopes := needed_scopes(route)) is None:
            continue
        used |= scopes
        for method in route.methods or ():
            operation = schema["paths"][route.path_format][method.lower()]
            operation["security"] = [
                {PASSWORD.scheme_name: sorted(scopes)},
                {KEY.scheme_name: []},
            ]
            for status, text in SAID.items():
                operation["responses"][str(status)] = {
                    "description": text,
                    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            operation["responses"] = dict(sorted(operation["responses"].items()))
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


def _all_of(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for further in dependant.dependencies:
        yield from _all_of(further)
