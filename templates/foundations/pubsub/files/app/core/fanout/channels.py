"""Channels, and who listens to them: by themselves within one process."""

from typing import Protocol

from app.core.logging import get_logger

logger = get_logger(__name__)


class Listener(Protocol):
    """Is told what goes over a channel; it must not wait, since others come after it."""

    def connected(self) -> None:
        """From now on nothing is missed. When it is not the first time, something may have been."""

    def receive(self, message: bytes) -> None:
        """Take a message; those of one channel come in the order in which they were sent."""


class Fanout:
    """Passes messages on; a channel has one listener in each process."""

    def __init__(self) -> None:
        self._listeners: dict[str, Listener] = {}

    def address(self, channel: str) -> str:
        """How the channel is called outside of this process."""
        return channel

    async def publish(self, channel: str, message: bytes) -> None:
        """Send a message to the listeners of all processes.

        Raises:
            RedisUnavailable: nobody knows whether it was sent.
        """
        self._pass_on(channel, message)

    def join(self, channel: str, listener: Listener) -> None:
        """Listen from now on; `connected` is called as soon as that is so."""
        self._listeners[channel] = listener
        self._confirm(channel)

    def leave(self, channel: str) -> None:
        """Listen no more."""
        del self._listeners[channel]

    def _confirm(self, channel: str) -> None:
        if (listener := self._listeners.get(channel)) is not None:
            listener.connected()

    def _pass_on(self, channel: str, message: bytes) -> None:
        if (listener := self._listeners.get(channel)) is None:
            return
        try:
            listener.receive(message)
        except Exception:
            logger.exception("message_not_understood", channel=channel)
