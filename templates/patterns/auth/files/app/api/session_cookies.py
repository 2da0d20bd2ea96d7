"""Sessions of browsers in cookies, when SESSION_COOKIES says so.

A page never sees the token. A browser sends cookies along whoever wrote the page, so a request
that changes something has to prove that a page of ours made it: by its origin, and by a header
with what is in a second cookie, which other pages cannot read.
"""

import hmac
from typing import Any
from urllib.parse import urlsplit

from fastapi import Response
from starlette.requests import HTTPConnection

from app.core.security.errors import Forbidden
from app.core.security.tokens import Claims, TokenType
from app.core.security.tools import SecurityTools
from app.models.session import UserSession

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION = "__Host-session"
CSRF = "__Host-csrf"
CSRF_HEADER = "x-csrf-token"


def set_cookies(response: Response, session: UserSession, tools: SecurityTools) -> None:
    """Give the browser the session, and the proof for its own pages."""
    claims = Claims(
        type=TokenType.COOKIE,
        user_id=session.user_id,
        session=session.handle,
        token_id=tools.derive("cookie", session.handle),
        scope=session.scope,
        issued_at=session.rotated_at,
        expires_at=session.expires_at,
    )
    age = int((session.expires_at - tools.now()).total_seconds())
    token = tools.tokens.write(claims)
    response.set_cookie(SESSION, token, age, secure=True, httponly=True, samesite="strict")
    proof = _proof(token, tools)
    response.set_cookie(CSRF, proof, age, secure=True, httponly=False, samesite="strict")


def delete_cookies(response: Response) -> None:
    response.delete_cookie(SESSION, secure=True, httponly=True, samesite="strict")
    response.delete_cookie(CSRF, secure=True, samesite="strict")


def check_origin(connection: HTTPConnection[Any], tools: SecurityTools) -> None:
    """Refuse what a page of somebody else has made; other clients send no origin.

    Raises:
        Forbidden: the origin is neither ours, nor one of ALLOWED_ORIGINS.
    """
    origin = connection.headers.get("origin")
    if origin is None or origin in tools.settings.allowed_origins:
        return
    if urlsplit(origin).netloc != connection.headers.get("host"):
        raise Forbidden("Cross-origin request refused.")


def is_safe(connection: HTTPConnection[Any]) -> bool:
    """Whether nothing is changed, so that it does not matter whose page has asked."""
    return connection.scope.get("method") in SAFE_METHODS


def check_proof(connection: HTTPConnection[Any], token: str, tools: SecurityTools) -> None:
    """Refuse a change that was not made by a page of ours.

    Raises:
        Forbidden: the origin is another one, or the header is missing or wrong.
    """
    if is_safe(connection):
        return
    check_origin(connection, tools)
    sent = connection.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode(), _proof(token, tools).encode()):
        raise Forbidden(f"The header {CSRF_HEADER} must have what the cookie {CSRF} has.")


def _proof(token: str, tools: SecurityTools) -> str:
    return tools.derive("csrf", token)
