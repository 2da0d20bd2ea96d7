"""Who is calling, step by step: a caller, with a session of their own, with a role or a scope."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Security
from fastapi.params import Security as SecurityParameter
from fastapi.security import SecurityScopes

from app.api.session_cookies import SESSION, check_origin, check_proof, is_safe
from app.core.context import rate_limit_key
from app.core.security.caller import ADMIN_SCOPE, Caller, Role
from app.core.security.errors import Forbidden, Unauthorized
from app.core.security.tokens import TokenType
from app.lifespan import Connection
from app.services.caller import CallerService

API_KEY = "x-api-key"
API_KEY_ELSEWHERE = "api_key"
"""The name of the query parameter, and of the cookie, where settings allow them."""


async def get_caller(connection: Connection) -> Caller:
    """The caller; asked once a request, however many depend on it.

    Raises:
        Unauthorized: there is no token, and no key, or it is not good.
    """
    caller = await find_caller(connection)
    rate_limit_key.set(f"user/{caller.user_id}")
    connection.scope["principal"] = caller
    return caller


async def find_caller(connection: Connection) -> Caller:
    """The caller as of now, by what came with the request.

    Raises:
        Unauthorized: there is no token, and no key, or it is not good any more.
    """
    tools = connection.state["security"]
    callers = CallerService(connection.state["database"], tools)
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await callers.by_token(token.strip())
    if key := _api_key(connection):
        return await callers.by_key(key)
    if tools.settings.session_cookies and (token := connection.cookies.get(SESSION, "")):
        caller = await callers.by_token(token, TokenType.COOKIE)
        check_proof(connection, token, tools)
        return caller
    raise Unauthorized("Sign in first.")


def _api_key(connection: Connection) -> str | None:
    settings = connection.state["settings"]
    key = connection.headers.get(API_KEY)
    if key is None and settings.api_keys_in_query:  # it ends up in logs and histories
        key = connection.query_params.get(API_KEY_ELSEWHERE)
    if key is None and settings.api_keys_in_cookie:
        key = connection.cookies.get(API_KEY_ELSEWHERE)
        if key and not is_safe(connection):  # browsers send it along, whoever wrote the page
            check_origin(connection, connection.state["security"])
    return key


CallerDep = Annotated[Caller, Depends(get_caller)]


async def get_scoped_caller(needed: SecurityScopes, caller: CallerDep) -> Caller:
    """The caller, whose token is good for all that is asked for on the way here.

    Raises:
        MissingScope: it was made for less.
    """
    caller.must_have(needed.scopes)
    return caller


async def get_caller_in_session(caller: CallerDep) -> Caller:
    """The caller, who has signed in: with an API key nobody manages the account behind it.

    Raises:
        Forbidden: it is an API key.
    """
    if caller.session_id is None:
        raise Forbidden("This cannot be done with an API key.")
    return caller


def require_scope(*scopes: str) -> SecurityParameter:
    """For `dependencies=[...]` of a route or a router: the token must have these scopes."""
    parameter: SecurityParameter = Security(get_scoped_caller, scopes=scopes)
    return parameter


def require_role(role: Role) -> Callable[[Caller], Awaitable[Caller]]:
    """For `Depends(...)`: the caller must have this role."""

    async def get_caller_with_role(caller: CallerDep) -> Caller:
        if caller.role is not role:
            raise Forbidden(f"This is for the role: {role}.")
        return caller

    return get_caller_with_role


InSessionDep = Annotated[Caller, Depends(get_caller_in_session)]
ADMINS_ONLY = (Depends(require_role(Role.ADMIN)), require_scope(ADMIN_SCOPE))
"""For `dependencies=` of a route or a router: by role, and by what the token was made for."""
