"""Requests for names that are not ours."""

from collections.abc import Collection

from starlette.responses import Response

from app.core.problems import problem
from app.middleware.edge import Exchange, Step


class TrustedHost(Step):
    """Refuses a `Host` that is not in the list; `*.example.com` is every name below it."""

    sees_sockets = True

    def __init__(self, allowed: Collection[str]) -> None:
        self._names = frozenset(name.lower() for name in allowed)
        self._suffixes = tuple(name[1:] for name in self._names if name.startswith("*."))

    def on_request(self, exchange: Exchange) -> Response | None:
        host = (exchange.headers.get(b"host") or b"").decode("latin-1").lower()
        name = host.rpartition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
        if name in self._names or name.endswith(self._suffixes) or "*" in self._names:
            return None
        return problem(exchange.scope, 400, "This host is not served here.")
