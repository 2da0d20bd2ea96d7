"""What may be a password: long, not common, and whatever the keyboard has."""

import unicodedata

from app.core.security.common_passwords import COMMON_PASSWORDS

MIN_LENGTH = 8
MAX_LENGTH = 128


def normal(password: str) -> str:
    """One form for what looks the same: keyboards differ in how they compose a letter (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def is_common(password: str) -> bool:
    """Whether it is among the first that somebody would try."""
    text = normal(password).casefold()
    return text in COMMON_PASSWORDS or len(set(text)) <= 2  # aaaaaaaa, abababab
