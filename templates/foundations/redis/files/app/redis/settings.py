"""The address of Redis, and how long a request waits for it."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, SecretStr, field_validator
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from app.core.environment import EnvironmentSettings

OPTIONS = frozenset(
    {
        "client_name",
        "db",
        "ssl_ca_certs",
        "ssl_cert_reqs",
        "ssl_certfile",
        "ssl_check_hostname",
        "ssl_keyfile",
    }
)
"""Other options of redis-py change what the client returns, or replace settings of the service."""


class RedisSettings(EnvironmentSettings):
    """Without a URL, state is kept in the memory of one process."""

    redis_url: SecretStr = SecretStr("")
    redis_prefix: str = Field(default="app", pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    redis_timeout_seconds: float = Field(default=0.08, gt=0)

    @field_validator("redis_url")
    @classmethod
    def _can_be_used(cls, url: SecretStr) -> SecretStr:
        if text := url.get_secret_value():
            _check(text)
        return url

    @classmethod
    def single_process_constraints(cls, settings: Mapping[str, Any]) -> Iterator[str]:
        yield from super().single_process_constraints(settings)
        url = settings.get("redis_url")
        if url is not None and not url.get_secret_value():
            yield "several processes need REDIS_URL, to share their state"


def _check(url: str) -> None:
    """Make a connection as the client does, without opening it. The messages show no secret."""
    try:
        parts = urlsplit(url)
        options = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        is_server = bool(parts.hostname or parts.path) and (parts.port or 1) > 0
        is_server = is_server and "@" not in parts.query  # the end of a password with a `?`
        if not options - OPTIONS:
            ConnectionPool.from_url(url).make_connection()  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, RedisError):
        is_server, options = False, set()
    if not is_server:
        raise ValueError("it must look like redis://user:password@host:6379/0")
    if unknown := sorted(options - OPTIONS):
        raise ValueError(
            f"remove the option {unknown[0]}; these work: {', '.join(sorted(OPTIONS))}"
        )
