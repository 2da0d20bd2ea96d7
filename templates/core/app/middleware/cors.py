"""Which other origins may call from a browser."""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Message

from app.middleware.edge import Exchange, Step


class CORS(Step):
    """Starlette's rules. `*` is every origin, but none with credentials."""

    def __init__(self, allowed_origins: Collection[str]) -> None:
        self._rules = CORSMiddleware(
            Router(),
            allow_origins=allowed_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials="*" not in allowed_origins,
            expose_headers=["ETag", "Location", "X-Request-ID"],
        )

    def on_request(self, exchange: Exchange) -> Response | None:
        if exchange.scope["method"] != "OPTIONS":
            return None
        headers = Headers(scope=exchange.scope)
        if "origin" in headers and "access-control-request-method" in headers:
            return self._rules.preflight_response(headers)
        return None

    def on_response(self, exchange: Exchange, start: Message, body: Message) -> None:
        origin = exchange.headers.get(b"origin")
        if origin is None:
            start["headers"].append((b"vary", b"Origin"))
            return
        headers = MutableHeaders(raw=start["headers"])
        headers.update(self._rules.simple_headers)
        name = origin.decode("latin-1")
        if not self._rules.allow_all_origins and self._rules.is_allowed_origin(name):
            self._rules.allow_explicit_origin(headers, name)
        else:
            headers.add_vary_header("Origin")
