"""Connections that should not outlive the service."""

from starlette.types import Message

from app.middleware.edge import Exchange, Step


class Draining(Step):
    """Asks clients that keep their connection to open the next one, which goes elsewhere."""

    def on_response(self, exchange: Exchange, start: Message, body: Message) -> None:
        if exchange.scope["state"]["readiness"].draining:
            start["headers"].append((b"connection", b"close"))
