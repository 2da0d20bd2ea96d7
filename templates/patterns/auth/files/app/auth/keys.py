"""Keys that sign and verify tokens."""

import hmac
from typing import Any

import jwt

HS256 = "HS256"


def load_key(algorithm: str, text: str) -> Any:  # noqa: ANN401  # each algorithm has its own type
    """A secret, or a private or public key in PEM format; `ValueError` if it does not fit."""
    signatures = jwt.get_algorithm_by_name(algorithm)
    try:
        key = signatures.prepare_key(text)
    except (jwt.PyJWTError, TypeError, ValueError):
        form = "secrets that are no PEM keys" if algorithm == HS256 else "PEM keys"
        raise ValueError(f"must have {form} for {algorithm}") from None
    if too_short := signatures.check_key_length(key):
        raise ValueError(too_short)
    return key


def can_sign(key: Any) -> bool:  # noqa: ANN401
    return isinstance(key, bytes) or hasattr(key, "sign")


def public_part(key: Any) -> Any:  # noqa: ANN401
    """What verifies the signatures of a key; a secret is both."""
    return key.public_key() if hasattr(key, "public_key") else key


def derive_key(secret: str) -> str:
    """A key for tokens only, long enough for any algorithm."""
    return hmac.digest(secret.encode(), b"jwt", "sha512").hex()
