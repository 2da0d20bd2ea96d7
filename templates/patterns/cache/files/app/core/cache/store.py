"""What the cache asks of whatever keeps its entries."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

GENERATION_SECONDS = 86_400
"""How long a tag keeps its generation: longer than any entry lives."""


class Found(NamedTuple):
    """What there was under a key."""

    generations: bytes
    """Those of the tags of the key, in one."""
    value: bytes | None
    """What was stored under these generations, and under no others."""
    is_ours: bool = False
    """There was no value, and nobody else loads one: whoever asked does."""


class Store(Protocol):
    """Keeps values, each for a time, and until one of its tags has a new generation.

    A value is stored with the generations that were current *before* it was loaded. If a write is
    committed meanwhile, they are not current any more, and nobody is given the value.

    Every method may raise `RedisSilent`, where there is a Redis.
    """

    async def look(self, key: str, tags: Sequence[str], claim_seconds: float) -> Found:
        """The value; or the task to load it, if nobody has had it within `claim_seconds`."""

    async def claim(self, key: str, generations: bytes, seconds: float) -> bool:
        """Take the task to load a value anew; False if somebody has it."""

    def keep(self, key: str, generations: bytes, value: bytes, seconds: float) -> None:
        """Store a value for that long, and give the task back."""

    def release(self, key: str) -> None:
        """Give the task back without a value."""

    async def renew(self, tags: Collection[str]) -> None:
        """Begin a new generation of each tag: what was kept for the old ones is gone."""
