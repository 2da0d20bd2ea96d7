"""Uvicorn's protocol for WebSockets: clients fill no memory, hold no connection, write no log."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

INVALID_TEXT = 1007
"""A close code (RFC 6455, section 7.4.1)."""


class SocketProtocol(WebSocketsSansIOProtocol):
    """Reads no pings while the client does not read the pongs, and keeps no empty fragments.

    Uvicorn's own keeps all of both in memory: a limit on the size of messages does not count them.
    It neither answers nor closes a handshake that is no valid request, and logs a traceback for
    text that is not UTF-8.
    """

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

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
