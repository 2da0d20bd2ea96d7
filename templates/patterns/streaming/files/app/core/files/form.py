"""The one file in a form (RFC 7578), as it arrives: nothing is kept in memory or put aside."""

from collections.abc import AsyncGenerator, AsyncIterable
from typing import NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from app.core.errors import BadRequest, Invalid
from app.core.streams.errors import UnknownKind

FIELD = ("body", "file")


class Sent(NamedTuple):
    """A file on its way: what its client calls it, and its bytes."""

    name: str
    chunks: AsyncGenerator[bytes]


async def read_file(content_type: str, stream: AsyncIterable[bytes]) -> Sent:
    """The file in the field `file`; there must be no other field.

    Raises:
        BadRequest, Invalid, UnknownKind: it is not a form, not all of it, or not this one. Reading
            the chunks may raise them too.
    """
    form = _Form(content_type)
    arriving = _arriving(form, stream)
    async for _ in arriving:
        break
    if form.name is None:
        raise Invalid("There is no file in the form.", location=FIELD)
    return Sent(form.name, arriving)


async def _arriving(form: "_Form", stream: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
    """The bytes of the file; the first chunk is empty, and says that its name is known."""
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
        raise BadRequest("The form has no end.") from None
    if not form.is_whole:
        raise BadRequest("The form has no end.")


class _Form:
    """What the parser has found."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise UnknownKind("The file must be sent as multipart/form-data.")
        self.name: str | None = None
        self.is_whole = False
        self._found = bytearray()
        self._header = self._value = b""
        self._options: dict[bytes, bytes] = {}
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
            raise BadRequest("The form cannot be read.") from None

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise BadRequest("The form cannot be read.") from None

    def take(self) -> bytes:
        found, self._found = bytes(self._found), bytearray()
        return found

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, self._options = parse_options_header(self._value.decode("latin-1"))
        self._header = self._value = b""

    def _on_headers_finished(self) -> None:
        if self.name is not None:
            raise Invalid("One file at a time.", location=FIELD)
        if self._options.get(b"name") != b"file" or b"filename" not in self._options:
            raise Invalid("The form must have one field: the file.", location=FIELD)
        self.name = self._options[b"filename"].decode("utf-8", "replace")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._found += data[start:end]

    def _on_end(self) -> None:
        self.is_whole = True
