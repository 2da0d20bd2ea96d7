"""Sessions of browsers in cookies, with SESSION_COOKIES.

Scripts cannot read the token. Browsers send cookies with requests of any page, so a request that
changes something must have an allowed origin, and a header with the value of a second cookie,
which pages of other origins cannot read.
"""

import hmac
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse
from starlette.requests import HTTPConnection

from app.auth.context import AuthContext
from app.auth.models import UserSession
from app.auth.tokens import TokenType, digest_of
from app.auth.user_sessions import session_claims
from app.core.errors import Forbidden
from app.core.origins import check_origin

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION = "__Host-session"
CSRF = "__Host-csrf"
CSRF_HEADER = "x-csrf-token"


def cookie_response(session: UserSession, auth: AuthContext) -> Response:
    """The response of a sign-in: the token is in the cookie only."""
    token, age = session_cookie(session, auth)
    content = {"expires_in": age, "scope": session.scope}
    response = JSONResponse(content, headers={"Cache-Control": "no-store"})
    response.set_cookie(SESSION, token, age, secure=True, httponly=True, samesite="strict")
    response.set_cookie(CSRF, digest_of(token), age, secure=True, httponly=False, samesite="strict")
    return response


def session_cookie(session: UserSession, auth: AuthContext) -> tuple[str, int]:
    """The token of a session for a cookie, and its lifetime in seconds."""
    token = auth.tokens.write(session_claims(session, TokenType.COOKIE))
    return token, int((session.expires_at - auth.now()).total_seconds())


def delete_cookies(response: Response) -> None:
    for name in (SESSION, CSRF):
        response.delete_cookie(name, secure=True, samesite="strict")


def is_safe(connection: HTTPConnection[Any]) -> bool:
    """Whether the request changes nothing."""
    return connection.scope.get("method") in SAFE_METHODS


def check_csrf(connection: HTTPConnection[Any], token: str, auth: AuthContext) -> None:
    """Refuse a change by a page of another origin.

    Raises:
        Forbidden: the origin is not allowed, or the header is missing or wrong.
    """
    if is_safe(connection):
        return
    check_origin(connection.headers, auth.settings.allowed_origins)
    sent = connection.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode(), digest_of(token).encode()):
        raise Forbidden(f"The header {CSRF_HEADER} must have the value of the cookie {CSRF}.")
