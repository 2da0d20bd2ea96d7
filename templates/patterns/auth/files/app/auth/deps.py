"""Dependencies for authentication, scopes, roles and owned rows."""

from collections.abc import Awaitable, Callable, Collection, Iterator
from functools import partial
from typing import Annotated

from fastapi import Depends, Response, Security
from fastapi.dependencies.models import Dependant
from fastapi.params import Security as SecurityDependency
from fastapi.routing import APIRoute, APIWebSocketRoute
from fastapi.security import SecurityScopes

from app.auth.authentication import Authenticator
from app.auth.context import AuthContext
from app.auth.cookies import SAFE_METHODS, SESSION, check_csrf, is_safe
from app.auth.errors import Unauthorized
from app.auth.principal import ADMIN_SCOPE, Principal, Role
from app.auth.tokens import TokenType
from app.core.context import rate_limit_key
from app.core.errors import Forbidden
from app.core.origins import check_origin
from app.core.query import RowScope
from app.lifespan import Connection

API_KEY = "x-api-key"
API_KEY_PARAMETER = "api_key"
"""The name of the query parameter and of the cookie, where settings allow them."""
BY_METHOD = "*"
"""In a scope: `read` for methods that change nothing, else `write`."""


async def get_auth(connection: Connection) -> AuthContext:
    return connection.state["auth"]


async def get_client_ip(connection: Connection) -> str:
    """The address of the client, which TRUSTED_PROXIES forward."""
    return connection.client.host if connection.client else ""


async def set_no_store(response: Response) -> None:
    """For routes whose responses contain tokens or keys."""
    response.headers["Cache-Control"] = "no-store"


async def get_any_principal(connection: Connection) -> Principal:
    """The principal of the request; `Unauthorized` if there are no valid credentials."""
    principal = await authenticate(connection)
    rate_limit_key.set(f"user/{principal.user_id}")
    connection.scope["principal"] = principal
    connection.scope["authenticate"] = partial(authenticate, connection)
    return principal


AnyPrincipalDep = Annotated[Principal, Depends(get_any_principal)]
"""For a route that API keys may call although it requires no scope."""


async def get_principal(
    connection: Connection, principal: AnyPrincipalDep, required: SecurityScopes
) -> Principal:
    """The principal, which has all scopes of `Security(..., scopes=[...])`.

    Raises:
        Unauthorized: there are no valid credentials.
        Forbidden: the token or the API key lacks a scope, or the route requires no scope and the
            credentials are an API key. So API keys cannot manage the account of their user.
    """
    if principal.is_api_key and not scopes_of(connection.scope["route"]):
        raise Forbidden("API keys are refused here.")
    method = connection.scope.get("method", "GET")  # a WebSocket has none
    principal.require_scopes(_for_methods(required.scopes, {method}))
    return principal


async def authenticate(connection: Connection) -> Principal:
    """Check the credentials of a request now; `Unauthorized` if they are missing or invalid."""
    auth = connection.state["auth"]
    authenticator = Authenticator(connection.state["database"], auth)
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await authenticator.by_token(token.strip())
    if key := _api_key(connection):
        return await authenticator.by_api_key(key)
    if auth.settings.session_cookies and (token := connection.cookies.get(SESSION, "")):
        principal = await authenticator.by_token(token, TokenType.COOKIE)
        check_csrf(connection, token, auth)
        return principal
    raise Unauthorized("Authentication is required.")


def _api_key(connection: Connection) -> str | None:
    settings = connection.state["settings"]
    key = connection.headers.get(API_KEY)
    if key is None and settings.api_keys_in_query:  # visible in logs and browser histories
        key = connection.query_params.get(API_KEY_PARAMETER)
    if key is None and settings.api_keys_in_cookie:
        key = connection.cookies.get(API_KEY_PARAMETER)
        if key and not is_safe(connection):  # browsers send it with requests of any page
            check_origin(connection.headers, settings.allowed_origins)
    return key


AuthDep = Annotated[AuthContext, Depends(get_auth)]
ClientIPDep = Annotated[str, Depends(get_client_ip)]
PrincipalDep = Annotated[Principal, Depends(get_principal)]


def require_scopes(*scopes: str) -> SecurityDependency:
    """For `dependencies=[...]` of a route or a router."""
    dependency: SecurityDependency = Security(get_principal, scopes=scopes)
    return dependency


def require_resource_scopes(name: str) -> SecurityDependency:
    """For a router: `NAME:read` for GET and HEAD, and `NAME:write` for other methods."""
    return require_scopes(f"{name}:{BY_METHOD}")


def require_role(role: Role) -> Callable[[Principal], Awaitable[Principal]]:
    """For `Depends(...)`."""

    async def get_principal_with_role(principal: PrincipalDep) -> Principal:
        if principal.role is not role:
            raise Forbidden(f"Required role: {role}.")
        return principal

    return get_principal_with_role


ADMINS_ONLY = (Depends(require_role(Role.ADMIN)), require_scopes(ADMIN_SCOPE))
"""For `dependencies=` of a route or a router: the role and the scope."""


async def get_owned_rows(principal: PrincipalDep) -> RowScope:
    """The rows of the principal; with full access those of all users."""
    if principal.has_full_access:
        return RowScope(defaults={"owner_id": principal.user_id})
    return RowScope.of(owner_id=principal.user_id)


async def get_shared_rows(_principal: PrincipalDep) -> RowScope:
    """The rows that all users share."""
    return RowScope()


def scopes_of(route: APIRoute | APIWebSocketRoute) -> frozenset[str] | None:
    """The scopes that a route requires; None if it is public."""
    dependants = list(_flatten(route.dependant))
    if not any(dependant.call is get_any_principal for dependant in dependants):
        return None
    scopes: set[str] = set()
    for dependant in dependants:
        if dependant.call is get_principal:  # it checks those of its dependants too
            scopes.update(dependant.own_oauth_scopes or (), dependant.parent_oauth_scopes or ())
    methods = route.methods if isinstance(route, APIRoute) else None
    return _for_methods(scopes, methods or {"GET"})


def _for_methods(scopes: Collection[str], methods: Collection[str]) -> frozenset[str]:
    actions = {"read" if method in SAFE_METHODS else "write" for method in methods}
    return frozenset(scope.replace(BY_METHOD, action) for scope in scopes for action in actions)


def accepts_api_keys(route: APIRoute) -> bool:
    calls = {dependant.call for dependant in _flatten(route.dependant)}
    return bool(scopes_of(route)) or get_principal not in calls


def _flatten(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for further in dependant.dependencies:
        yield from _flatten(further)


OwnedRowsDep = Annotated[RowScope, Depends(get_owned_rows)]
SharedRowsDep = Annotated[RowScope, Depends(get_shared_rows)]
