"""Who calls: what a limit is counted for."""

from collections import OrderedDict
from hashlib import blake2b

from starlette.types import Scope

from app.core.addresses import network
from app.core.context import counted_for

CREDENTIALS = (b"authorization", b"x-api-key", b"cookie")
MAX_KNOWN = 10_000


class Callers:
    """Remembers whose credentials were found good.

    Only what has checked them can say that: a dependency that sets `counted_for`. Those that are
    made up thus count for the address that sends them, however many there are.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, str] = OrderedDict()

    def client(self, scope: Scope) -> str:
        """What this request counts for."""
        counted_for.set(None)
        credentials = _digest(scope)
        return self._known.get(credentials) or f"address/{network(_address(scope))}"

    def remember(self, scope: Scope) -> None:
        """Note after a request who it came from, if that was found out."""
        credentials, found = _digest(scope), counted_for.get()
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
