"""The store of idempotent responses: in memory."""

from collections import OrderedDict
from time import monotonic
from typing import Self

from starlette.types import Scope

from app.core.environment import SettingsError
from app.settings import Settings

MAX_ENTRIES = 10_000


class Store:
    """Texts by name, with an expiry; above `MAX_ENTRIES` the oldest are dropped."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def of(self, _scope: Scope) -> Self:
        """The store of this request."""
        return self

    async def put_new(self, name: str, text: str, ttl: int) -> str | None:
        """Store a text, or return the one that is there already."""
        expires_at, known = self._entries.get(name, (0.0, None))
        if known is not None and expires_at > monotonic():
            return known
        await self.put(name, text, ttl)
        return None

    async def put(self, name: str, text: str, ttl: int) -> None:
        self._entries[name] = (monotonic() + ttl, text)
        self._entries.move_to_end(name)
        if len(self._entries) > MAX_ENTRIES:
            self._entries.popitem(last=False)

    async def drop(self, name: str) -> None:
        self._entries.pop(name, None)


def open_store(settings: Settings) -> Store:
    """The store of a process.

    Raises:
        SettingsError: there are several processes, which cannot share a store in memory.
    """
    if settings.workers > 1:
        raise SettingsError("WORKERS: responses are stored in memory, so there can only be 1")
    return Store()
