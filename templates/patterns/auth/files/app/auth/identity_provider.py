"""Access tokens of an external identity provider, verified with the keys that it publishes.

Keys are fetched at the first token and again every hour. An unknown key id fetches them at once,
but one fetch serves all requests, and the next one has to wait. Requests with a known key do not
wait for a fetch of another one, and during an outage of the provider the known keys stay valid.
"""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from httpx2 import AsyncClient, HTTPError
from pydantic import ValidationError

from app.auth.errors import InvalidToken
from app.auth.schemas import Email, FullName
from app.auth.tokens import MALFORMED
from app.core.config import CoreSettings
from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.schemas.base import Input

logger = get_logger("auth")

ALGORITHMS = ["RS256", "ES256", "EdDSA"]
"""Never HS256: whoever knows the public key could sign."""
HEADER = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
REQUIRED = ["iss", "aud", "sub", "iat", "exp"]
SUBJECT = re.compile(r"[^\x00\ud800-\udfff]{1,255}")
MAX_LENGTH = 16_384
MAX_AGE_SECONDS = 3600
PAUSE_SECONDS = 10
"""Between two fetches that unknown key ids, or failures, have caused."""
TIMEOUT_SECONDS = 3


class Profile(Input):
    """Further data of a user at registration."""

    email: Email | None = None
    """Only if the provider has verified it."""
    full_name: FullName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalClaims:
    issuer: str
    subject: str
    profile: Profile
    scopes: frozenset[str]
    expires_at: datetime


class IdentityProvider:
    def __init__(
        self,
        settings: CoreSettings,
        http: AsyncClient,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = str(settings.jwt_jwks_url)
        self._issuer = settings.jwt_jwks_issuer
        self._audience = settings.jwt_jwks_audience
        self._leeway = settings.jwt_leeway_seconds
        self._http = http
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._stale_at = self._next_fetch = clock()
        self._lock = asyncio.Lock()

    def has_issued(self, token: str) -> bool:
        """Whether the token names the provider as its issuer. Nothing is verified yet."""
        if len(token) > MAX_LENGTH:
            return False
        try:
            payload = jwt.decode(token, options={"verify_signature": False})
        except MALFORMED:
            return False
        return bool(payload.get("iss") == self._issuer)

    async def read(self, token: str) -> ExternalClaims:
        """The claims of a valid token.

        Raises:
            InvalidToken: it is not valid.
            Unavailable: no keys could be fetched yet.
        """
        try:
            header = jwt.get_unverified_header(token)
            if not HEADER.issuperset(header):
                raise InvalidToken
            key = await self._key(header["kid"])
            payload = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": REQUIRED},
            )
            return self._claims(payload)
        except MALFORMED as error:
            raise InvalidToken from error

    def _claims(self, payload: dict[str, Any]) -> ExternalClaims:
        if not SUBJECT.fullmatch(payload["sub"]):
            raise InvalidToken
        scope = payload.get("scope", payload.get("scp", ""))
        return ExternalClaims(
            issuer=self._issuer,
            subject=payload["sub"],
            profile=_profile(payload),
            scopes=frozenset(scope.split() if isinstance(scope, str) else map(str, scope)),
            expires_at=datetime.fromtimestamp(payload["exp"], UTC),
        )

    async def _key(self, kid: str) -> jwt.PyJWK:
        if self._must_fetch(kid) and not (kid in self._keys and self._lock.locked()):
            async with self._lock:
                if self._must_fetch(kid):  # else the request before this one has done it
                    await self._fetch()
        if not self._keys:
            raise Unavailable("The identity provider does not answer.", retry_after=PAUSE_SECONDS)
        return self._keys[kid]

    def _must_fetch(self, kid: str) -> bool:
        now = self._clock()
        return now >= self._next_fetch and (kid not in self._keys or now >= self._stale_at)

    async def _fetch(self) -> None:
        pause = PAUSE_SECONDS
        try:
            response = await self._http.get(self._url, timeout=TIMEOUT_SECONDS)
            keys = _signing_keys(response.raise_for_status().json())
            if not self._keys:
                pause = 0  # a key that the provider rotates soon after is fetched at once
            self._keys, self._stale_at = keys, self._clock() + MAX_AGE_SECONDS
        except (HTTPError, *MALFORMED) as error:
            logger.warning("identity_provider_unavailable", error=repr(error))
        self._next_fetch = self._clock() + pause


def _profile(payload: dict[str, Any]) -> Profile:
    """The profile in a token; an empty one if users cannot register with it."""
    email = payload.get("email") if payload.get("email_verified") is True else None
    try:
        return Profile(email=email or None, full_name=payload.get("name") or None)
    except ValidationError:
        return Profile()


def _signing_keys(document: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    """The keys by id."""
    known = jwt.PyJWKSet.from_dict(document)
    keys = {key.key_id: key for key in known if key.key_id and key.public_key_use in {None, "sig"}}
    if not keys:
        raise ValueError("the document has no key for signatures")
    return keys
