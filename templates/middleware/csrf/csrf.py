"""Changes that a page of somebody else asks a browser for."""

from collections.abc import Collection
from typing import ClassVar
from urllib.parse import urlsplit

from starlette.responses import Response

from app.core.problems import problem
from app.middleware.edge import Exchange, Step

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CSRF(Step):
    """Refuses them, by what every browser says of where a change comes from.

    Programs say nothing of the kind, or send a token or a key in a header, which no browser does by
    itself: they are not concerned. The cookies of a session may have a proof of their own besides.
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
        return headers.get(b"sec-fetch-site", b"none") in (b"same-origin", b"none")
