"""What browsers must not do with the answers of an API."""

from collections.abc import Collection

from starlette.types import Message

from app.middleware.edge import Exchange, Step

NOTHING = b"default-src 'none'; frame-ancestors 'none'"
# The pages of the documentation load their scripts from where FastAPI says that they are.
DOCUMENTATION = (
    b"default-src 'none'; frame-ancestors 'none'; connect-src 'self'; worker-src blob:; "
    b"img-src 'self' data: https:; font-src 'self' https:; "
    b"style-src 'self' 'unsafe-inline' https:; script-src 'self' 'unsafe-inline' https:"
)
COMMON = [
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
OVER_TLS = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders(Step):
    """Allows nothing that an API does not need; `documentation` are the paths of its web pages.

    A route that sets a policy of its own keeps it.
    """

    def __init__(self, documentation: Collection[str]) -> None:
        self._documentation = frozenset(documentation)
        self._headers = [(b"content-security-policy", NOTHING), *COMMON]
        self._documentation_headers = [(b"content-security-policy", DOCUMENTATION), *COMMON]

    def on_response(self, exchange: Exchange, start: Message, body: Message) -> None:
        scope = exchange.scope
        shown = scope["path"].removeprefix(scope.get("root_path", "")) in self._documentation
        if any(name == b"content-security-policy" for name, _ in start["headers"]):
            start["headers"].extend(COMMON)
        else:
            start["headers"].extend(self._documentation_headers if shown else self._headers)
        if scope.get("scheme") == "https":
            start["headers"].append(OVER_TLS)
