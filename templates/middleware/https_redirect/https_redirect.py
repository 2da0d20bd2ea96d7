"""Requests that came without TLS."""

from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from app.core.health import PROBES
from app.middleware.edge import Exchange, Step


class HttpsRedirect(Step):
    """Sends them to the same place over TLS, with method and body; probes are answered as they are.

    Behind a proxy that ends TLS, its address has to be in `TRUSTED_PROXIES`: otherwise every
    request looks as if it came without.
    """

    def on_request(self, exchange: Exchange) -> Response | None:
        scope = exchange.scope
        if scope.get("scheme") == "https" or scope["path"] in PROBES:
            return None
        host = exchange.headers.get(b"host", b"").decode("latin-1")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        path = quote(scope["path"], safe="/:@!$&'()*+,;=~-._")
        query = scope["query_string"].decode("latin-1")
        return RedirectResponse(f"https://{name}{path}{f'?{query}' if query else ''}", 308)
