"""Signed tokens (JWT): one algorithm, keys by id, every claim required (RFC 8725)."""

import hashlib
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from time import time
from typing import Any

import jwt
from pydantic import BaseModel, ConfigDict

from app.auth.errors import InvalidToken
from app.auth.keys import HS256, derive_key, load_key, public_part
from app.settings import Settings

MAX_LENGTH = 4096
"""Longer tokens are refused before they are parsed."""

HEADER = frozenset({"alg", "kid", "typ"})
"""The members of the header. Headers with a key, or with the URL of one, are refused."""

REQUIRED = ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp", "type", "scope"]
MALFORMED = (
    jwt.PyJWTError,
    ArithmeticError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""The errors of tokens that are not ours, whatever is in them."""
OWN_KEY = "own"
"""The id of the key that is derived from SECRET_KEY, while JWT_KEYS is empty."""


class TokenType(StrEnum):
    """The use of a token; other uses are refused."""

    ACCESS = "access"
    REFRESH = "refresh"
    COOKIE = "cookie"
    RESET = "reset"


class Claims(BaseModel):
    """The content of a token, with the names of RFC 7519. Times are to the second."""

    model_config = ConfigDict(frozen=True)

    type: TokenType
    sub: int
    """The user."""
    sid: str = ""
    """See `UserSession.handle`."""
    jti: str
    scope: str = ""
    iat: datetime
    exp: datetime


class TokenCodec:
    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._leeway = settings.jwt_leeway_seconds
        self._algorithm = settings.jwt_algorithm
        texts = {kid: key.get_secret_value() for kid, key in settings.jwt_keys.items()}
        own = {OWN_KEY: derive_key(settings.secret_key.get_secret_value())}
        self._keys = {kid: load_key(self._algorithm, text) for kid, text in (texts or own).items()}
        self._active = settings.jwt_active_kid or OWN_KEY
        # A client sends the same token with every request: its signature is verified once.
        self._verified = lru_cache(maxsize=4096)(self._verify)

    def write(self, claims: Claims) -> str:
        """Sign the claims. Equal claims give equal tokens while the active key is the same."""
        payload = {
            "iss": self._issuer,
            "aud": self._audience,
            "nbf": claims.iat,
            **claims.model_dump(),
            "sub": str(claims.sub),
        }
        key, header = self._keys[self._active], {"kid": self._active}
        return jwt.encode(payload, key, self._algorithm, headers=header)

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517); empty for shared secrets."""
        if self._algorithm == HS256:
            return {"keys": []}
        to_jwk = jwt.get_algorithm_by_name(self._algorithm).to_jwk
        use = {"use": "sig", "alg": self._algorithm}
        keys = [(kid, to_jwk(public_part(key), as_dict=True)) for kid, key in self._keys.items()]
        return {"keys": [{**key, **use, "kid": kid} for kid, key in keys]}

    def read(self, token: str, expected: TokenType) -> Claims:
        """The claims of a valid token of the expected type; `InvalidToken` if it is not one."""
        if len(token) > MAX_LENGTH:
            raise InvalidToken
        claims = self._verified(token)
        if claims.type is not expected or claims.exp.timestamp() + self._leeway <= time():
            raise InvalidToken
        return claims

    def _verify(self, token: str) -> Claims:
        try:
            header = jwt.get_unverified_header(token)
            if header.keys() != HEADER or header["typ"] != "JWT":
                raise InvalidToken
            payload = jwt.decode(
                token,
                public_part(self._keys[header["kid"]]),
                algorithms=[self._algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": REQUIRED, "strict_aud": True},
            )
            return Claims.model_validate(payload)
        except MALFORMED as error:
            raise InvalidToken from error


def digest_of(text: str) -> str:
    """Recognizes a text that must not be stored or shown."""
    return hashlib.sha256(text.encode()).hexdigest()
