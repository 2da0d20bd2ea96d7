"""Large answers, compressed for who can read them."""

from starlette.middleware.gzip import GZipResponder
from starlette.routing import Router
from starlette.types import Message

from app.middleware.edge import Exchange, Step

MINIMUM_BYTES = 1024
LEVEL = 5  # nearly as small as 9, in a third of the time


class GZip(Step):
    """Starlette's compression, for bodies that are worth it; small ones are left alone."""

    def on_response(self, exchange: Exchange, start: Message, body: Message) -> None:
        small = len(body.get("body", b"")) < MINIMUM_BYTES and not body.get("more_body", False)
        if small or b"gzip" not in (exchange.headers.get(b"accept-encoding") or b""):
            return
        if any(name == b"accept-ranges" for name, _ in start["headers"]):
            return  # a range counts the bytes as they are
        responder = GZipResponder(Router(), MINIMUM_BYTES, compresslevel=LEVEL)
        responder.send = exchange.send
        exchange.send = responder.send_with_compression
