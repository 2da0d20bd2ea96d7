"""The Redis client of a process: bounded waits, and no waits during an outage."""

from asyncio import Future
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.redis.batcher import Argument, Command, CommandBatcher, Reply
from app.redis.circuit_breaker import CircuitBreaker
from app.redis.settings import RedisSettings

MAX_CONNECTIONS = 32
LONGEST_PAUSE_SECONDS = 1
"""Longest time after a failure in which no request waits for Redis."""


class RedisUnavailable(Exception):
    """Redis did not reply in time, or the circuit breaker is open."""


class RedisClient:
    """Commands of requests are bounded, and fail at once while the circuit breaker is open.

    `client` is the client of redis-py, for work that may wait. It raises the errors of redis-py.
    """

    def __init__(self, client: Redis, settings: RedisSettings) -> None:
        self.client = client
        self.prefix = settings.redis_prefix
        """The start of all keys of this service."""
        self._breaker = CircuitBreaker(LONGEST_PAUSE_SECONDS)
        self._batcher = CommandBatcher(client, settings.redis_timeout_seconds)

    async def execute(self, *command: Argument) -> Reply:
        """The reply to a command: bytes, a number, a list of them, or None.

        Raises:
            RedisUnavailable: there is no reply in time, or the circuit breaker is open.
        """
        return (await self._send(command))[0]

    async def transaction(self, *commands: Command) -> Sequence[Reply]:
        """The replies to commands that Redis runs as one step (MULTI, EXEC).

        The reply to a command on a key with a wrong type is an error; the others are done.

        Raises:
            RedisUnavailable: as `execute`; it is unknown whether the commands were done.
        """
        replies: Sequence[Reply] = (await self._send(("MULTI",), *commands, ("EXEC",)))[-1]
        return replies

    def execute_nowait(self, *command: Argument) -> None:
        """Send a command, and ignore its reply."""
        if self._breaker.allows():
            self._batcher.send(command).add_done_callback(self._record)

    async def _send(self, *commands: Command) -> Sequence[Reply]:
        if not self._breaker.allows():
            raise RedisUnavailable
        return self._checked(await self._batcher.send(*commands))

    def _record(self, replies: "Future[Sequence[Reply]]") -> None:
        if not replies.cancelled():
            with suppress(RedisUnavailable):
                self._checked(replies.result())

    def _checked(self, replies: Sequence[Reply]) -> Sequence[Reply]:
        """The replies. An error counts as an outage: a server that is full refuses every write."""
        error = next((reply for reply in replies if isinstance(reply, Exception)), None)
        if error is None:
            self._breaker.record_success()
            return replies
        self._breaker.record_failure(error)
        raise RedisUnavailable from error

    async def aclose(self) -> None:
        await self._batcher.aclose()
        with suppress(OSError, RedisError):
            await self.client.aclose()


@asynccontextmanager
async def open_redis(settings: RedisSettings) -> AsyncGenerator[RedisClient | None]:
    """The client of an application; None without `REDIS_URL`.

    A server that is down is logged, and does not keep the application from starting.
    """
    if not (url := settings.redis_url.get_secret_value()):
        yield None
        return
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=MAX_CONNECTIONS,
        timeout=settings.redis_timeout_seconds,
        socket_connect_timeout=settings.redis_timeout_seconds,
        # `asyncio.wait_for`, which redis-py uses for it, can swallow a cancellation (Python 3.11).
        socket_timeout=None,
        health_check_interval=0,
        retry=Retry(NoBackoff(), 1),  # with a new connection, for example after a restart of Redis
    )
    redis = RedisClient(Redis.from_pool(pool), settings)
    try:
        with suppress(RedisUnavailable):
            await redis.execute("PING")
        yield redis
    finally:
        await redis.aclose()
