"""How many streams may be open."""

from pydantic import Field

from app.core.environment import EnvironmentSettings


class StreamSettings(EnvironmentSettings):
    """An address may be a whole office, so a client may have many."""

    streams_max: int = Field(default=2000, ge=1)
    streams_per_client: int = Field(default=1000, ge=1)
