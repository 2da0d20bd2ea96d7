"""The media type of a file by its content. The type that the client sends is ignored."""

import codecs
import re
from typing import BinaryIO

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
CHUNK_BYTES = 65_536


def media_type_of(content: BinaryIO) -> str | None:
    """The media type; None if it is not recognized."""
    content.seek(0)
    head = content.read(HEAD_BYTES)
    for media_type, signature in SIGNATURES.items():
        if signature.match(head):
            return media_type
    content.seek(0)
    return TEXT if _is_text(content) else None


def _is_text(content: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := content.read(CHUNK_BYTES):
            if CONTROL.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
