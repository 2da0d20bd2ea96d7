"""Entries in the memory of one process, the least used thrown away when there are too many."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from itertools import count
from time import monotonic
from typing import NamedTuple

from app.core.cache.store import Found

OVERHEAD = 400
"""Bytes that an entry takes besides its value, roughly."""


class _Kept(NamedTuple):
    generations: bytes
    value: bytes
    until: float


class MemoryStore:
    """Nothing in here waits, so that nothing has to be locked."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._claims: dict[str, bytes] = {}
        self._numbers = count(1)
        self._generations: dict[str, int] = {}

    async def look(self, key: str, tags: Sequence[str], claim_seconds: float) -> Found:
        generations = ",".join([str(self._generations.get(tag, 0)) for tag in tags]).encode()
        kept = self._kept.get(key)
        if kept is not None and kept.generations == generations and monotonic() < kept.until:
            self._kept.move_to_end(key)
            return Found(generations, kept.value)
        return Found(generations, None, await self.claim(key, generations, claim_seconds))

    async def claim(self, key: str, generations: bytes, seconds: float) -> bool:
        if self._claims.get(key) == generations:
            return False
        self._claims[key] = generations
        return True

    def keep(self, key: str, generations: bytes, value: bytes, seconds: float) -> None:
        self.release(key)
        self._forget(key)
        self._kept[key] = _Kept(generations, value, monotonic() + seconds)
        self._bytes += len(value) + OVERHEAD
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._kept)))

    def release(self, key: str) -> None:
        self._claims.pop(key, None)

    async def renew(self, tags: Collection[str]) -> None:
        for tag in tags:
            self._generations[tag] = next(self._numbers)

    def _forget(self, key: str) -> None:
        if (kept := self._kept.pop(key, None)) is not None:
            self._bytes -= len(kept.value) + OVERHEAD
