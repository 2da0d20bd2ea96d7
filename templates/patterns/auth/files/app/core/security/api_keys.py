"""API keys: `prefix.secret`. The prefix finds the row, of the secret only a hash is kept.

A plain hash is enough: a secret of 256 random bits cannot be guessed from it.
"""

import hashlib
import hmac
import secrets
from typing import NamedTuple

MAX_LENGTH = 128


class NewKey(NamedTuple):
    """What is shown once, and what is kept."""

    key: str
    prefix: str
    digest: str


def new_key() -> NewKey:
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return NewKey(f"{prefix}.{secret}", prefix, digest(secret))


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def split(key: str) -> tuple[str, str] | None:
    """The prefix and the secret of a key, or None if it cannot be one."""
    prefix, point, secret = key.partition(".")
    return (prefix, secret) if point and len(key) <= MAX_LENGTH else None


def matches(secret: str, known: str) -> bool:
    return hmac.compare_digest(digest(secret), known)
