"""Where Redis is, and how long a request may wait for it."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from app.core.environment import EnvironmentSettings

SCHEMES = ("redis", "rediss", "unix")


class RedisSettings(EnvironmentSettings):
    """Without a URL, what would be shared lives in the one process that there is."""

    redis_url: SecretStr = SecretStr("")
    redis_prefix: str = Field(default="app", pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    redis_max_connections: int = Field(default=32, ge=2)
    redis_timeout_seconds: float = Field(default=0.08, gt=0)
    redis_pause_seconds: float = Field(default=1, gt=0)

    @field_validator("redis_url")
    @classmethod
    def _url_of_a_server(cls, url: SecretStr) -> SecretStr:
        text = url.get_secret_value()
        try:
            parts = urlsplit(text)
            is_server = parts.scheme in SCHEMES and bool(parts.hostname or parts.path)
            is_server = is_server and (parts.port or 1) > 0
        except ValueError:
            is_server = False
        if text and not is_server:
            raise ValueError("it must look like redis://user:password@host:6379/0") from None
        return url

    @classmethod
    def single_process_constraints(cls, settings: Mapping[str, Any]) -> Iterator[str]:
        yield from super().single_process_constraints(settings)
        url = settings.get("redis_url")
        if url is not None and not url.get_secret_value():
            yield "more than 1 needs REDIS_URL, to share what each would keep for itself"
