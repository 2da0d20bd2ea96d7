"""Signed tokens (JWT): one algorithm, named keys, every claim required (RFC 8725)."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from time import time

import jwt

from app.core.config import CoreSettings
from app.core.security.errors import BadToken

MAX_LENGTH = 4096
"""Ours have a few hundred characters: what is longer is not even parsed."""

MEMBERS = frozenset({"alg", "kid", "typ"})
"""What a header has. One that brings a key, or says where to get it, is not ours."""

REQUIRED = ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp", "type", "scope"]
OWN_KEY = "own"
"""The id of the key that is derived from SECRET_KEY, when JWT_KEYS has none."""


class TokenType(StrEnum):
    """What a token is for: none is good for something else."""

    ACCESS = "access"
    REFRESH = "refresh"
    COOKIE = "cookie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says."""

    type: TokenType
    user_id: int
    session: str
    """See `UserSession.handle`."""
    token_id: str
    scope: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Verified:
    type: str
    user_id: int
    session: str
    token_id: str
    scopes: frozenset[str]
    expires_at: int


class TokenCodec:
    """Writes and reads tokens by the settings."""

    def __init__(self, settings: CoreSettings) -> None:
        self._algorithm = settings.jwt_algorithm
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._keys = {kid: key.get_secret_value() for kid, key in settings.jwt_keys.items()}
        self._active = settings.jwt_active_kid
        if not self._keys:
            self._keys = {OWN_KEY: own_key(settings)}
            self._active = OWN_KEY
        # The same token comes with every request of a client: its signature is checked once.
        self._verified = lru_cache(maxsize=4096)(self._verify)

    def write(self, claims: Claims) -> str:
        """The token. The same claims give the same token, as long as the same key signs."""
        issued_at = int(claims.issued_at.timestamp())
        payload = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(claims.user_id),
            "sid": claims.session,
            "jti": claims.token_id,
            "iat": issued_at,
            "nbf": issued_at,
            "exp": int(claims.expires_at.timestamp()),
            "type": claims.type.value,
            "scope": claims.scope,
        }
        return jwt.encode(
            payload, self._keys[self._active], self._algorithm, headers={"kid": self._active}
        )

    def read(self, token: str, expected: TokenType) -> _Verified:
        """What a token of the expected type says.

        Raises:
            BadToken: it is not ours, for something else, not good yet, or not any more.
        """
        if len(token) > MAX_LENGTH:
            raise BadToken
        verified = self._verified(token)
        if verified.type != expected.value or verified.expires_at <= time():
            raise BadToken
        return verified

    def _verify(self, token: str) -> _Verified:
        try:
            header = jwt.get_unverified_header(token)
            if header.keys() != MEMBERS or header["typ"] != "JWT":
                raise BadToken
            payload = jwt.decode(
                token,
                self._keys[header["kid"]],
                algorithms=[self._algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": REQUIRED, "strict_aud": True},
            )
            return _Verified(
                type=str(payload["type"]),
                user_id=int(payload["sub"]),
                session=str(payload["sid"]),
                token_id=str(payload["jti"]),
                scopes=frozenset(str(payload["scope"]).split()),
                expires_at=int(payload["exp"]),
            )
        except (jwt.PyJWTError, KeyError, ValueError, RecursionError) as error:
            raise BadToken from error


def own_key(settings: CoreSettings) -> str:
    """Derived, so that what is signed for another use never fits; long enough for any algorithm."""
    secret = settings.secret_key.get_secret_value().encode()
    return hmac.digest(secret, b"jwt", "sha512").hex()
