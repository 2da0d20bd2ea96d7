"""Which fan-out this process has: over Redis, or by itself."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.core.fanout.channels import Fanout
from app.core.fanout.shared import SharedFanout
from app.redis.client import RedisClient

__all__ = ["Fanout", "open_fanout"]


@asynccontextmanager
async def open_fanout(_settings: object, redis: RedisClient | None) -> AsyncGenerator[Fanout]:
    """The fan-out of an application, from its start to its end."""
    if redis is None:
        yield Fanout()
        return
    async with SharedFanout(redis).running() as fanout:
        yield fanout
