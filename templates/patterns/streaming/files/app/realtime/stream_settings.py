"""How many streams may be open, and how many events are kept for clients that reconnect."""

from pydantic import Field

from app.core.environment import EnvironmentSettings


class StreamSettings(EnvironmentSettings):
    """Many clients may share one address, so the limit for each is high."""

    streams_max: int = Field(default=2000, ge=1)
    streams_per_client: int = Field(default=1000, ge=1)
    event_retention_count: int = Field(default=1000, ge=1)
    """Events of each topic. Redis removes them in groups, so it keeps a few more."""
    event_retention_seconds: int = Field(default=86_400, ge=1)
    """A topic without a new event is deleted after that."""
    event_memory_bytes: int = Field(default=33_554_432, ge=1)
    """The memory for the events of all topics, without Redis."""
    event_buffer_size: int = Field(default=256, ge=1)
    """A client that is this many events behind is disconnected, and may resume."""
