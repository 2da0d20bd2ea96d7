"""How many events are kept, and how they reach who follows."""

from pydantic import Field

from app.core.environment import EnvironmentSettings


class EventSettings(EnvironmentSettings):
    """What is kept is what a client can be given that was away."""

    events_kept: int = Field(default=1000, ge=1)
    """Of each topic; in Redis a few more, since it drops them in groups."""
    events_kept_seconds: int = Field(default=86_400, ge=1)
    """A topic without a new event is forgotten after that."""
    events_memory_bytes: int = Field(default=33_554_432, ge=1)
    """What all topics may take, where there is no Redis."""
    event_max_bytes: int = Field(default=65_536, ge=1)
    event_queue: int = Field(default=256, ge=1)
    """Who is that many events behind is cut off, and may resume."""
    event_heartbeat_seconds: float = Field(default=15, gt=0)
