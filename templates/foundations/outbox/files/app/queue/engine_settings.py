"""The broker that distributes tasks to workers."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from app.core.environment import EnvironmentSettings

SCHEMES = ("amqp", "amqps", "redis", "rediss")


class EngineSettings(EnvironmentSettings):
    """Without a broker, tasks run in the process of the service."""

    task_broker_url: SecretStr | None = None
    task_broker_timeout_seconds: float = Field(default=2, gt=0)
    queue_poll_seconds: float = Field(default=1, gt=0)

    @field_validator("task_broker_url")
    @classmethod
    def _names_a_broker(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not _is_broker(url.get_secret_value()):
            raise ValueError("it must look like amqp://user:password@host/ or redis://host:6379/1")
        return url

    @classmethod
    def single_process_constraints(cls, settings: Mapping[str, Any]) -> Iterator[str]:
        yield from super().single_process_constraints(settings)
        if settings.get("task_broker_url") is None:
            yield "tasks need a TASK_BROKER_URL"


def _is_broker(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in SCHEMES and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
