"""The connections of a process to Redis, and how a request asks over them."""

from asyncio import Future
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from hashlib import sha1

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError

from app.core.redis.batches import Answer, Batches, Part
from app.core.redis.breaker import Breaker
from app.core.redis.settings import RedisSettings


class RedisSilent(Exception):
    """There is no answer, or not in time: do without."""


class Script:
    """A program that Redis runs as one step: sent once by each process, then called by its hash."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = sha1(text.encode(), usedforsecurity=False).hexdigest()


class SharedRedis:
    """What this process asks of Redis; there is one only with a `REDIS_URL`.

    `ask` is for requests: it is bounded, and fails at once while Redis is known to be silent.
    `client` is for what may wait, such as a subscription; it raises the errors of redis-py.
    """

    def __init__(self, client: Redis, settings: RedisSettings) -> None:
        self.client = client
        self.prefix = settings.redis_prefix
        """How the keys of this service start: Redis may have other tenants."""
        self._breaker = Breaker(settings.redis_pause_seconds)
        self._batches = Batches(client, settings.redis_timeout_seconds)
        self._sent: set[str] = set()

    @property
    def answers(self) -> bool:
        """Whether it did when it was asked last."""
        return self._breaker.is_open

    async def ask(self, *command: Part) -> Answer:
        """The answer to a command: bytes, a number, a list of them, None.

        Raises:
            RedisSilent: there is none in time, or there was none a moment ago.
        """
        if not self._breaker.lets_pass():
            raise RedisSilent
        return self._judged(await self._batches.ask(command))

    async def run(self, script: Script, keys: Sequence[str], arguments: Sequence[Part]) -> Answer:
        """What a script returns; raises as `ask` does."""
        call = (len(keys), *keys, *arguments)
        with suppress(NoScriptError):  # Redis has been started again since
            if script.sha in self._sent:
                return await self.ask("EVALSHA", script.sha, *call)
        self._sent.add(script.sha)  # what is asked from now on arrives behind it
        return await self.ask("EVAL", script.text, *call)

    def tell(self, *command: Part) -> None:
        """Send a command whose answer nobody waits for."""
        if self._breaker.lets_pass():
            self._batches.ask(command).add_done_callback(self._overhear)

    def _overhear(self, answer: "Future[Answer]") -> None:
        if not answer.cancelled():
            with suppress(RedisSilent):
                self._judged(answer.result())

    def _judged(self, answer: Answer) -> Answer:
        """The answer, if it is one; a server that can only complain is as good as silent."""
        if isinstance(answer, NoScriptError):  # as of a server that was started again
            self._breaker.answered()
            raise answer
        if isinstance(answer, Exception):
            self._breaker.failed(answer)
            raise RedisSilent from answer
        self._breaker.answered()
        return answer

    async def aclose(self) -> None:
        await self._batches.aclose()
        with suppress(OSError):
            await self.client.aclose()


@asynccontextmanager
async def open_redis(settings: RedisSettings) -> AsyncGenerator[SharedRedis | None]:
    """The connections of an application, from its start to its end; None without a URL.

    A server that is down is logged, and no reason not to start: each part does without.
    """
    if not (url := settings.redis_url.get_secret_value()):
        yield None
        return
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=settings.redis_max_connections,
        timeout=settings.redis_timeout_seconds,
        socket_connect_timeout=settings.redis_timeout_seconds,
        health_check_interval=0,
        retry=Retry(NoBackoff(), 0),
    )
    redis = SharedRedis(Redis.from_pool(pool), settings)
    try:
        with suppress(RedisSilent):
            await redis.ask("PING")
        yield redis
    finally:
        await redis.aclose()
