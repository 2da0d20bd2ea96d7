"""What is remembered of a browser between its requests, in a cookie that it cannot change."""

import hmac

from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware

from app.settings import Settings

COOKIE = "state"


def session(settings: Settings) -> Middleware:
    """Gives handlers `request.session`, a dictionary that is kept in a signed cookie.

    The browser can read it: keep no secret in there. Scripts cannot; other sites do not send it
    along with what changes something; in production it goes over TLS only.
    """
    key = settings.secret_key.get_secret_value().encode()
    return Middleware(
        SessionMiddleware,
        secret_key=hmac.digest(key, b"session", "sha256").hex(),
        session_cookie=f"__Host-{COOKIE}" if settings.in_production else COOKIE,
        max_age=settings.session_max_age_seconds,
        same_site="lax",
        https_only=settings.in_production,
    )
