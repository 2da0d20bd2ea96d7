"""Redirects from HTTP to HTTPS."""

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.health import is_probe


class HttpsRedirect:
    """Redirects requests without TLS; method and body stay (308). Probes are answered.

    Behind a proxy that terminates TLS, set `TRUSTED_PROXIES` to its address: otherwise every
    request looks as if it came without TLS.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope.get("scheme") == "https" or is_probe(scope):
            await self.app(scope, receive, send)
        else:
            await RedirectResponse(_secure_url(scope), 308)(scope, receive, send)


def _secure_url(scope: Scope) -> str:
    host = Headers(scope=scope).get("host", "")
    name, _, port = host.rpartition(":")
    path = quote(scope["path"], safe="/:@!$&'()*+,;=~-._")
    query = scope["query_string"].decode("latin-1")
    return f"https://{name if port.isdecimal() else host}{path}{f'?{query}' if query else ''}"
