"""Changes that a page of somebody else asks a browser for."""

import hmac
from collections.abc import Collection
from typing import ClassVar
from urllib.parse import urlsplit

from starlette.requests import cookie_parser
from starlette.responses import Response

from app.core.problems import problem
from app.middleware.edge import Exchange, Step

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "__Host-csrf"
HEADER = b"x-csrf-token"


class CSRF(Step):
    """Refuses them, by what browsers say of where a request comes from.

    A browser that says nothing, but sends cookies, has to send what the cookie `__Host-csrf` has in
    the header `X-CSRF-Token` too: other pages cannot read it. Programs that send a token or a key
    in a header are not concerned: no browser does that by itself.
    """

    answers: ClassVar = (403,)

    def __init__(self, allowed_origins: Collection[str]) -> None:
        self._allowed = frozenset(allowed_origins)

    def on_request(self, exchange: Exchange) -> Response | None:
        headers = exchange.headers
        if exchange.scope["method"] in SAFE_METHODS:
            return None
        if b"authorization" in headers or b"x-api-key" in headers:
            return None
        if self._comes_from_here(headers):
            return None
        return problem(exchange.scope, 403, "This page may not do that here.")

    def _comes_from_here(self, headers: dict[bytes, bytes]) -> bool:
        origin = headers.get(b"origin") or headers.get(b"referer")
        if origin is not None:
            sent = urlsplit(origin.decode("latin-1"))
            is_same = sent.netloc == headers.get(b"host", b"").decode("latin-1")
            return is_same or f"{sent.scheme}://{sent.netloc}" in self._allowed
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            return site in (b"same-origin", b"none")
        if b"cookie" not in headers:
            return True
        proof = cookie_parser(headers[b"cookie"].decode("latin-1")).get(COOKIE, "")
        return bool(proof) and hmac.compare_digest(proof.encode(), headers.get(HEADER, b""))
