"""Settings of streams and events."""

from pydantic import Field

from app.core.environment import EnvironmentSettings


class StreamSettings(EnvironmentSettings):
    """Limits on open streams, and on events stored for clients that reconnect."""

    streams_max: int = Field(default=2000, ge=1)
    event_retention_count: int = Field(default=1000, ge=1)
    """Events of each topic; without Redis, of all topics. Redis removes them in groups, so it keeps
    a few more.
    """
