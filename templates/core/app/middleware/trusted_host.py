"""The `Host` header: requests for unknown hosts are refused."""

import re

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import Receive, Scope, Send

from app.core.health import is_probe
from app.core.problems import problem

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:]+)(:[0-9]*)?", re.IGNORECASE)


class TrustedHost(TrustedHostMiddleware):
    """Starlette's middleware with problem details instead of plain text.

    `*.example.com` is every subdomain. Probes are answered on every host: a load balancer or
    Kubernetes sends the address of the instance.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or is_probe(scope) or self._is_allowed(scope):
            await self.app(scope, receive, send)
        else:
            await problem(scope, 400, "This host is not served here.")(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        if self.allow_any:
            return True
        hosts = Headers(scope=scope).getlist("host")
        found = HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        host = found[1].lower() if found else ""
        return host in self.allowed_hosts or any(
            pattern.startswith("*.") and host.endswith(pattern[1:])
            for pattern in self.allowed_hosts
        )
