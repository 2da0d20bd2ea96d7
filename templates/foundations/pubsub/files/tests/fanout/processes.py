"""The fan-outs of two processes over one Redis, and who listens."""

from collections.abc import AsyncGenerator

import pytest

from app.core.fanout.channels import Fanout
from app.core.fanout.shared import SharedFanout
from app.redis.client import RedisClient


class Ear:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.connections = 0
        self.heard: list[bytes] = []

    def connected(self) -> None:
        self.connections += 1

    def receive(self, message: bytes) -> None:
        if message == b"broken":
            raise ValueError(message)
        self.heard.append(message)


def cut(redis: RedisClient) -> None:
    """End all connections, as a server does that is started again."""
    pool = redis.client.connection_pool
    for connection in (*pool._available_connections, *pool._in_use_connections):
        if connection._writer is not None:
            connection._writer.transport.abort()


@pytest.fixture
async def shared(redis: RedisClient) -> AsyncGenerator[Fanout]:
    """The fan-out of a process."""
    async with SharedFanout(redis).running() as fanout:
        yield fanout


@pytest.fixture
async def another_shared(another_redis: RedisClient) -> AsyncGenerator[Fanout]:
    """The fan-out of another process."""
    async with SharedFanout(another_redis).running() as fanout:
        yield fanout


@pytest.fixture(params=["in process", "in Redis"])
def fanout(request: pytest.FixtureRequest) -> Fanout:
    """Each way to pass messages on."""
    if request.param == "in process":
        return Fanout()
    found: Fanout = request.getfixturevalue("shared")
    return found
