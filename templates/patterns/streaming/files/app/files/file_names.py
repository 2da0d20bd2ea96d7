"""Safe names for uploaded files."""

import re
import unicodedata

MAX_BYTES = 200
UNSAFE = re.compile(
    r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"*:<>?|\ud800-\udfff]'
)


def safe_name(name: str) -> str:
    """The last part of a path, without characters that a system or a page interprets."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = UNSAFE.sub("_", last).strip(". ")
    stem, dot, suffix = clean.rpartition(".")
    ending = (dot + suffix).encode() if stem and len(suffix) <= 16 else b""
    room = (stem if ending else clean).encode()[: MAX_BYTES - len(ending)]
    return (room.decode("utf-8", "ignore") + ending.decode()) or "file"
