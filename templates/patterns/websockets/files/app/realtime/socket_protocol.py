"""Uvicorn's protocol for WebSockets: clients fill no memory, hold no connection, write no log."""

from asyncio import BaseTransport
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app.realtime.token_bucket import TokenBucket

INVALID_TEXT = 1007
POLICY_VIOLATION = 1008
"""Close codes (RFC 6455, section 7.4.1)."""

FRAMES_PER_SECOND = 1000
"""A client that sends more is disconnected: pings and empty fragments are frames, too."""
BYTES_AT_ONCE = 16 * 1024
"""The frames of so many bytes are parsed before they are counted."""


class SocketProtocol(WebSocketsSansIOProtocol):
    """Limits the frames of a client, and reads no pings while it does not read the pongs.

    Uvicorn's own parses as many frames as arrive, and meanwhile the process does nothing else. It
    keeps pongs and empty fragments in memory: a limit on the size of messages does not count them.
    It neither answers nor closes a handshake that is no valid request, and logs a traceback for
    text that is not UTF-8.
    """

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self._allowance = TokenBucket(FRAMES_PER_SECOND, burst=FRAMES_PER_SECOND)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), BYTES_AT_ONCE):
            super().data_received(data[start : start + BYTES_AT_ONCE])
            if self.transport.is_closing():
                return
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_events(self) -> None:
        if self._allowance.take(len(self.conn.events)):
            super().handle_events()
        else:
            self.conn.fail(POLICY_VIOLATION, "Too many frames.")
            self.handle_parser_exception()

    def handle_parser_exception(self) -> None:
        if self.conn.close_sent is None:  # a client that sends before it was accepted
            self.transport.close()
        else:
            super().handle_parser_exception()

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_text(b"".join(self.frames)):
            self.conn.send_close(INVALID_TEXT)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def handle_cont(self, event: Any) -> None:  # noqa: ANN401  # a type of a library below uvicorn
        if event.data or event.fin:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        super().handle_ping()
        if not (self.writable.is_set() or self.transport.is_closing()):
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not (self.read_paused or self.transport.is_closing()):
            self.transport.resume_reading()


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
