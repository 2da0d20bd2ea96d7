"""The store of idempotent responses: in memory."""

from collections import OrderedDict
from time import monotonic
from typing import Self

from starlette.types import Scope

from app.core.environment import SettingsError
from app.settings import Settings

MAX_BYTES = 67_108_864
"""Of the stored responses together."""
OVERHEAD = 400
"""Bytes that a response takes besides its text, about."""


class Store:
    """Texts by name, with an expiry; above `MAX_BYTES` the oldest are dropped."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._bytes = 0

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
        self._remove(name)
        self._entries[name] = (monotonic() + ttl, text)
        self._bytes += len(text) + OVERHEAD
        while self._bytes > MAX_BYTES:
            self._remove(next(iter(self._entries)))

    async def drop(self, name: str) -> None:
        self._remove(name)

    def _remove(self, name: str) -> None:
        if (found := self._entries.pop(name, None)) is not None:
            self._bytes -= len(found[1]) + OVERHEAD


def open_store(settings: Settings) -> Store:
    """The store of a process.

    Raises:
        SettingsError: there are several processes, which cannot share a store in memory.
    """
    if settings.workers > 1:
        raise SettingsError("WORKERS: responses are stored in memory, so there can only be 1")
    return Store()
