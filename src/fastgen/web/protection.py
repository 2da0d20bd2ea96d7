"""Protects the page: headers, the hosts it answers for, and who may ask it to work."""

import ipaddress
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastgen.web.problems import problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@]+)(:[0-9]*)?", re.IGNORECASE)
_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = (
    (b"cache-control", b"no-cache"),  # else a page may run with scripts of an earlier version
    (b"content-security-policy", _POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host, by its name or its address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class SecureHeaders:
    """Adds the security headers to every response."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class SameOrigin:
    """Refuses requests of other sites' pages, and, on a loopback address, other host names.

    A link from another site opens the page or the zip; its scripts and images cannot ask for them.
    A name that resolves to a loopback address could let another site's page read the answers.
    """

    def __init__(self, app: App, *, only_loopback: bool) -> None:
        self._app = app
        self._only_loopback = only_loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it with 403."""
        if scope["type"] == "http" and (reason := self._refusal(dict(scope["headers"]))):
            return await problem(403, reason)(scope, receive, send)
        return await self._app(scope, receive, send)

    def _refusal(self, headers: dict[bytes, bytes]) -> str:
        host = HOST.fullmatch(headers.get(b"host", b"").decode("latin-1"))
        if self._only_loopback and not (host and is_loopback(host[1].strip("[]"))):
            return "This host is not served."
        is_foreign = headers.get(b"sec-fetch-site") in (b"cross-site", b"same-site")
        if is_foreign and headers.get(b"sec-fetch-mode") != b"navigate":
            return "Cross-origin request refused."
        return ""


class RateLimit:
    """Limits the requests of each client address, with a bucket of tokens for each.

    Args:
        app: what is limited.
        per_minute: tokens that a bucket gets in a minute, and as many as it holds.
        clients: addresses that are remembered; beyond, the one seen first is forgotten.
        now: a clock, in seconds.
    """

    def __init__(
        self,
        app: App,
        per_minute: int,
        clients: int = 10_000,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._limit = per_minute
        self._clients = clients
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it with 429."""
        if scope["type"] != "http" or scope["path"] == "/health" or self._take(scope):
            return await self._app(scope, receive, send)
        headers = {"Retry-After": str(60 // self._limit + 1)}
        return await problem(429, "Too many requests.", headers=headers)(scope, receive, send)

    def _take(self, scope: Scope) -> bool:
        address, now = (scope.get("client") or ("", 0))[0], self._now()
        tokens, last = self._buckets.pop(address, (float(self._limit), now))
        tokens = min(self._limit, tokens + (now - last) * self._limit / 60)
        self._buckets[address] = (max(tokens - 1, 0), now) if tokens >= 1 else (tokens, now)
        if len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        return tokens >= 1
