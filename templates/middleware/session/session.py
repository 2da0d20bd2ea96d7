"""Sessions in a signed cookie."""

import hmac

from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp

from app.settings import Settings

COOKIE = "state"


class Session(SessionMiddleware):
    """Starlette's `request.session`, a dictionary, with the settings of the service.

    The browser can read it: store no secrets in it. Scripts cannot; other sites cannot send it
    with a change; in production it needs TLS.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        key = settings.secret_key.get_secret_value().encode()
        super().__init__(
            app,
            secret_key=hmac.digest(key, b"session", "sha256").hex(),
            session_cookie=f"__Host-{COOKIE}" if settings.in_production else COOKIE,
            max_age=settings.session_max_age_seconds,
            same_site="lax",
            https_only=settings.in_production,
        )
