"""The keys of JWT_KEYS, by their ids: one signs, and all verify."""

import hmac
from collections.abc import Mapping
from typing import Any

import jwt

HS256 = "HS256"
SECRET_BYTES = 32
"""The minimum for HS256: the length of the hash (RFC 7518, section 3.2)."""
RSA_BITS = 2048


class SigningKeys:
    def __init__(self, algorithm: str, keys: Mapping[str, str], active: str) -> None:
        loaded = {kid: load_key(algorithm, key) for kid, key in keys.items()}
        self.algorithm = algorithm
        self.active = active
        self.signing = loaded[active]
        self.verifying = {kid: _public(key) for kid, key in loaded.items()}

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517); empty for shared secrets."""
        if self.algorithm == HS256:
            return {"keys": []}
        to_jwk = jwt.get_algorithm_by_name(self.algorithm).to_jwk
        use = {"use": "sig", "alg": self.algorithm}
        keys = self.verifying.items()
        return {"keys": [{**to_jwk(key, as_dict=True), **use, "kid": kid} for kid, key in keys]}


def load_key(algorithm: str, text: str) -> Any:  # noqa: ANN401  # each algorithm has its own type
    """A secret, or a private or public key in PEM format; `ValueError` if it does not fit."""
    if algorithm == HS256:
        if len(text.encode()) < SECRET_BYTES:
            raise ValueError(f"each key must have {SECRET_BYTES} random bytes or more")
        return text.encode()
    try:
        key = jwt.get_algorithm_by_name(algorithm).prepare_key(text)
    except (jwt.PyJWTError, TypeError, ValueError):
        raise ValueError(f"each key must be a PEM key for {algorithm}") from None
    if algorithm == "RS256" and key.key_size < RSA_BITS:
        raise ValueError(f"each RSA key must have {RSA_BITS} bits or more")
    return key


def can_sign(key: Any) -> bool:  # noqa: ANN401
    return isinstance(key, bytes) or hasattr(key, "sign")


def _public(key: Any) -> Any:  # noqa: ANN401
    return key.public_key() if hasattr(key, "public_key") else key


def derive_key(secret: str) -> str:
    """A key for tokens only, long enough for any algorithm."""
    return hmac.digest(secret.encode(), b"jwt", "sha512").hex()
