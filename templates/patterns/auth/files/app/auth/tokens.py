"""Signed tokens (JWT): one algorithm, keys by id, every claim required (RFC 8725)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from time import time

import jwt

from app.auth.errors import InvalidToken
from app.auth.keys import SigningKeys, derive_key
from app.core.config import CoreSettings

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The content of a token. Times are to the second."""

    type: TokenType
    user_id: int
    session: str = ""
    """See `UserSession.handle`."""
    token_id: str
    scope: str = ""
    issued_at: datetime
    expires_at: datetime


class TokenCodec:
    def __init__(self, settings: CoreSettings) -> None:
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._leeway = settings.jwt_leeway_seconds
        keys = {kid: key.get_secret_value() for kid, key in settings.jwt_keys.items()}
        own = {OWN_KEY: derive_key(settings.secret_key.get_secret_value())}
        active = settings.jwt_active_kid or OWN_KEY
        self.keys = SigningKeys(settings.jwt_algorithm, keys or own, active)
        # A client sends the same token with every request: its signature is verified once.
        self._verified = lru_cache(maxsize=4096)(self._verify)

    def write(self, claims: Claims) -> str:
        """Sign the claims. Equal claims give equal tokens while the active key is the same."""
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
            payload, self.keys.signing, self.keys.algorithm, headers={"kid": self.keys.active}
        )

    def read(self, token: str, expected: TokenType) -> Claims:
        """The claims of a valid token of the expected type; `InvalidToken` if it is not one."""
        if len(token) > MAX_LENGTH:
            raise InvalidToken
        claims = self._verified(token)
        if claims.type is not expected or claims.expires_at.timestamp() + self._leeway <= time():
            raise InvalidToken
        return claims

    def _verify(self, token: str) -> Claims:
        try:
            header = jwt.get_unverified_header(token)
            if header.keys() != HEADER or header["typ"] != "JWT":
                raise InvalidToken
            payload = jwt.decode(
                token,
                self.keys.verifying[header["kid"]],
                algorithms=[self.keys.algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": REQUIRED, "strict_aud": True},
            )
            return Claims(
                type=TokenType(payload["type"]),
                user_id=int(payload["sub"]),
                session=str(payload["sid"]),
                token_id=str(payload["jti"]),
                scope=str(payload["scope"]),
                issued_at=datetime.fromtimestamp(payload["iat"], UTC),
                expires_at=datetime.fromtimestamp(payload["exp"], UTC),
            )
        except MALFORMED as error:
            raise InvalidToken from error
