"""Limits on WebSocket clients."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from app.core.environment import EnvironmentSettings, in_production

MAX_MESSAGE_BYTES = 65_536


class SocketSettings(EnvironmentSettings):
    """The defaults suit people who type."""

    socket_buffer_size: int = Field(default=64, ge=1)
    """A client that is this many messages behind is disconnected."""
    socket_messages_per_second: float = Field(default=20, gt=0)
    socket_burst: int = Field(default=100, ge=1)
    presence_seconds: float = Field(default=30, gt=0)
    """After that, the clients of a killed process are no longer shown."""
    session_check_seconds: float = Field(default=10, gt=0)
    playground_enabled: bool | None = None
    """None: except in production."""

    @field_validator("playground_enabled")
    @classmethod
    def _not_in_production(cls, enabled: bool | None, info: ValidationInfo) -> bool:
        return not in_production(info) if enabled is None else enabled

    def server_options(self) -> Mapping[str, Any]:
        # No compression: a broadcast would be compressed for each client.
        own = {"ws_max_size": MAX_MESSAGE_BYTES, "ws_per_message_deflate": False}
        return {**super().server_options(), **own}
