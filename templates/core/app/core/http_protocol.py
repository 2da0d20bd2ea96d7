"""uvicorn's HTTP protocol, with a limit on the request line and the headers together.

uvicorn reads them whole before it calls the application, whatever their size.
"""

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.core.request_limits import MAX_HEADER_BYTES

STATUS = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


class HTTPProtocol(HttpToolsProtocol):
    """Answers 431 and closes the connection as soon as a request exceeds the limit.

    The chunk in which a request starts does not count, since others may end in it.
    """

    _in_head = False
    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        headers = self.headers  # a list of its own for each request
        super().data_received(data)
        if self._in_head and self.headers is headers:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEADER_BYTES:
                self._refuse()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def _refuse(self) -> None:
        if getattr(self.cycle, "response_complete", True):  # no other response is on its way
            line = f"HTTP/1.1 {STATUS.value} {STATUS.phrase}\r\n"
            self.transport.write(f"{line}content-length: 0\r\nconnection: close\r\n\r\n".encode())
        self._in_head = False
        self.transport.close()
