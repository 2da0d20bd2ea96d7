"""A cache entry: the bytes of a response or value, after a line of JSON with its metadata."""

import json
import random
from dataclasses import dataclass
from time import time
from typing import Self
from zlib import crc32

Headers = tuple[tuple[bytes, bytes], ...]
"""Names and values as in ASGI."""

REFRESH_AFTER = 0.8
"""The part of its TTL after which one request reloads an entry, while others still get it."""
JITTER = 0.1
"""TTLs are shortened by up to this part: entries of one moment expire at different times."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The body and the headers of a response, or a value as JSON."""

    body: bytes
    headers: Headers = ()
    is_missing: bool = False
    """The source raised `NotFound`; the body is its detail."""
    refresh_at: float = 0.0
    """Seconds since the epoch."""

    @property
    def is_old(self) -> bool:
        return time() >= self.refresh_at

    def encode(self, ttl: float) -> bytes:
        refresh_at = round(time() + ttl * REFRESH_AFTER, 3)
        headers = [[part.decode("latin-1") for part in header] for header in self.headers]
        metadata = [crc32(self.body), refresh_at, self.is_missing, headers]
        return json.dumps(metadata).encode() + b"\n" + self.body

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """The entry; None if the data is not an entry, or was damaged."""
        metadata, _, body = data.partition(b"\n")
        try:
            checksum, refresh_at, is_missing, headers = json.loads(metadata)
            if checksum != crc32(body):
                return None
            pairs = tuple(
                (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers
            )
            return cls(body, pairs, is_missing is True, float(refresh_at))
        except (AttributeError, TypeError, ValueError):
            return None


def with_jitter(ttl: float) -> float:
    return ttl * (1 - JITTER * random.random())  # noqa: S311  # it protects no secret
