"""Settings of WebSockets."""

from collections.abc import Mapping
from typing import Any

from app.core.environment import EnvironmentSettings

MAX_MESSAGE_BYTES = 65_536


class SocketSettings(EnvironmentSettings):
    """The options of the server for WebSockets."""

    def server_options(self) -> Mapping[str, Any]:
        # No compression: a broadcast would be compressed for each client.
        own = {
            "ws": "app.realtime.socket_protocol:SocketProtocol",
            "ws_max_size": MAX_MESSAGE_BYTES,
            "ws_per_message_deflate": False,
        }
        return {**super().server_options(), **own}
