"""Cross-site request forgery."""

from collections.abc import Collection
from typing import ClassVar

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.origins import is_allowed_origin
from app.core.problems import problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CSRF:
    """Refuses changes that a browser sends for a page of another origin.

    Browsers send `Origin`, `Referer` or `Sec-Fetch-Site`; programs do not. Requests with a token
    or an API key in a header pass, since no browser adds these by itself.
    """

    answers: ClassVar = (403,)

    def __init__(self, app: ASGIApp, allowed_origins: Collection[str]) -> None:
        self.app = app
        self._allowed = frozenset(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or self._is_allowed(scope):
            await self.app(scope, receive, send)
        else:
            await problem(scope, 403, "Cross-origin request refused.")(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if "authorization" in headers or "x-api-key" in headers:
            return True
        origin = headers.get("origin") or headers.get("referer")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        return is_allowed_origin(origin, headers.get("host", ""), self._allowed)
