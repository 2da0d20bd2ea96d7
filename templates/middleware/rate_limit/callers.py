"""Callers: what a limit is counted for."""

from collections import OrderedDict
from hashlib import blake2b

from starlette.types import Scope

from app.core.addresses import network
from app.core.context import rate_limit_key

CREDENTIALS = (b"authorization", b"x-api-key", b"cookie")
MAX_KNOWN = 10_000


class Callers:
    """Remembers which credentials belong to which caller.

    The dependency that checks the credentials sets `rate_limit_key`. Requests with credentials that
    no dependency has accepted count for their address.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, str] = OrderedDict()

    def client(self, scope: Scope) -> str:
        """The key of this request: its caller, else its address."""
        rate_limit_key.set(None)
        credentials = _digest(scope)
        return self._known.get(credentials) or f"address/{network(_address(scope))}"

    def remember(self, scope: Scope) -> None:
        """Store after a request which caller its credentials belong to."""
        credentials, found = _digest(scope), rate_limit_key.get()
        if credentials and found is not None:
            self._known[credentials] = found
            self._known.move_to_end(credentials)
            if len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _digest(scope: Scope) -> bytes:
    sent = [value for name, value in scope["headers"] if name in CREDENTIALS]
    return blake2b(b"\0".join(sent), digest_size=16).digest() if sent else b""
