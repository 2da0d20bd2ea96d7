"""Settings of procrastinate."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, SecretStr, field_validator

from app.core.environment import EnvironmentSettings
from app.db.settings import complete, server_of


class EngineSettings(EnvironmentSettings):
    """Without PostgreSQL, tasks run in the process of the service."""

    queue_database_url: SecretStr | None = None
    queue_poll_seconds: float = Field(default=1, gt=0)

    @field_validator("queue_database_url")
    @classmethod
    def _postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            found = complete(url.get_secret_value())
            if found.get_backend_name() != "postgresql":
                raise ValueError("it must start with postgresql://")
        return url

    @classmethod
    def single_process_constraints(cls, settings: Mapping[str, Any]) -> Iterator[str]:
        yield from super().single_process_constraints(settings)
        if server_of(settings) not in ("", "postgresql"):
            yield "tasks need PostgreSQL as DATABASE_URL"
