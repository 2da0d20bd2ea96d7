"""Security headers: what browsers may do with the responses of an API."""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = b"default-src 'none'; frame-ancestors 'none'"
# The documentation loads its scripts and styles from FastAPI's content delivery network.
DOCS_POLICY = (
    b"default-src 'none'; frame-ancestors 'none'; connect-src 'self'; worker-src blob:; "
    b"img-src 'self' data: https:; font-src 'self' https:; "
    b"style-src 'self' 'unsafe-inline' https:; script-src 'self' 'unsafe-inline' https:"
)
HEADERS = [
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
HSTS = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """Adds them to every response. A route may set its own `Content-Security-Policy`."""

    def __init__(self, app: ASGIApp, docs_paths: Collection[str]) -> None:
        self.app = app
        self._docs_paths = frozenset(docs_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                if b"content-security-policy" not in dict(headers):
                    headers.append((b"content-security-policy", self._policy(scope)))
                headers.extend(HEADERS)
                if scope.get("scheme") == "https":
                    headers.append(HSTS)
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _policy(self, scope: Scope) -> bytes:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return DOCS_POLICY if path in self._docs_paths else POLICY
