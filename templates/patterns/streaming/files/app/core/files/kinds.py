"""What a file is, by its content: what a client says about it is not believed."""

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
KINDS = (*SIGNATURES, TEXT)
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
HEAD_BYTES = 16


class Recognizer:
    """Looks at the bytes as they come; it keeps the first few."""

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
    def kind(self) -> str | None:
        """The media type, as far as can be told by now; None if nobody knows it."""
        for kind, signature in SIGNATURES.items():
            if signature.match(self._head):
                return kind
        return TEXT if self._is_text else None
