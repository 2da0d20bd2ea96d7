"""The media type of a file by its content. The type that the client sends is ignored."""

import codecs
import re

SIGNATURES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "application/pdf": re.compile(rb"%PDF-"),
    "application/zip": re.compile(rb"PK\x03\x04"),
    "application/gzip": re.compile(rb"\x1f\x8b\x08"),
}
TEXT = "text/plain"
MEDIA_TYPES = (*SIGNATURES, TEXT)
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
HEAD_BYTES = 16


class ContentSniffer:
    """Detects the media type of content that arrives in chunks. It stores the first bytes only."""

    def __init__(self) -> None:
        self._head = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_text = True

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        self._head += chunk[: HEAD_BYTES - len(self._head)]
        if self._is_text:
            try:
                self._is_text = not CONTROL.search(self._decoder.decode(chunk, is_last))
            except UnicodeDecodeError:
                self._is_text = False

    @property
    def media_type(self) -> str | None:
        """The media type of the content so far; None if it is not recognized."""
        for media_type, signature in SIGNATURES.items():
            if signature.match(self._head):
                return media_type
        return TEXT if self._is_text else None
