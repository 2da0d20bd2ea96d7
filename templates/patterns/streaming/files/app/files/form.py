"""Reads the one file of a form (RFC 7578) as it arrives, without storing the form anywhere."""

from collections.abc import AsyncGenerator, AsyncIterable
from typing import NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from app.core.errors import BadRequest, Invalid, UnsupportedMediaType

FIELD = ("body", "file")


class Upload(NamedTuple):
    """A file that a client sends: its name there, and its content."""

    name: str
    chunks: AsyncGenerator[bytes]


async def read_file(content_type: str, stream: AsyncIterable[bytes]) -> Upload:
    """The file in the field `file`, which must be the only field.

    Raises:
        BadRequest, Invalid, UnsupportedMediaType: it is not such a form. Reading the chunks may
            raise them too.
    """
    form = _Form(content_type)
    chunks = _read(form, stream)
    await anext(chunks, b"")
    if form.name is None:
        raise Invalid("There is no file in the form.", location=FIELD)
    return Upload(form.name, chunks)


async def _read(form: "_Form", stream: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
    """The content of the file. The first chunk is empty: it comes when the name is known."""
    was_known = False
    try:
        async for chunk in stream:
            form.feed(chunk)
            if form.name is not None and not was_known:
                was_known = True
                yield b""
            if data := form.take():
                yield data
    except ClientDisconnect:
        raise BadRequest("The form is incomplete.") from None
    if not form.is_complete:
        raise BadRequest("The form is incomplete.")


class _Form:
    """What the parser has found so far."""

    def __init__(self, content_type: str) -> None:
        media_type, options = parse_options_header(content_type)
        if media_type != b"multipart/form-data" or not options.get(b"boundary"):
            raise UnsupportedMediaType("The file must be sent as multipart/form-data.")
        self.name: str | None = None
        self.is_complete = False
        self._data = bytearray()
        self._header = self._value = b""
        self._disposition: dict[bytes, bytes] = {}
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_end": self._on_end,
                },
            )
        except FormParserError:
            raise BadRequest("The form is malformed.") from None

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise BadRequest("The form is malformed.") from None

    def take(self) -> bytes:
        data, self._data = bytes(self._data), bytearray()
        return data

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, self._disposition = parse_options_header(self._value.decode("latin-1"))
        self._header = self._value = b""

    def _on_headers_finished(self) -> None:
        if self.name is not None:
            raise Invalid("Send one file at a time.", location=FIELD)
        if self._disposition.get(b"name") != b"file" or b"filename" not in self._disposition:
            raise Invalid("The form must have one field, the file.", location=FIELD)
        self.name = self._disposition[b"filename"].decode("utf-8", "replace")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def _on_end(self) -> None:
        self.is_complete = True
