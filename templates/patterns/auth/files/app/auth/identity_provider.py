"""Access tokens of an external identity provider, verified with the keys that it publishes.

Keys are fetched at the first token and again every hour. An unknown key id fetches them at once,
but one fetch serves all requests, and the next one has to wait. Requests with a known key do not
wait for a fetch of another one, and during an outage of the provider the known keys stay valid.
"""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import jwt
from httpx2 import AsyncClient, HTTPError
from pydantic import AliasChoices, BaseModel, Field, ValidationError

from app.auth.errors import InvalidToken
from app.auth.schemas import Email, FullName
from app.auth.tokens import MALFORMED
from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.schemas.base import Input
from app.settings import Settings

logger = get_logger("auth")

ALGORITHMS = ["RS256", "ES256", "EdDSA"]
"""Never HS256: whoever knows the public key could sign."""
HEADER = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
REQUIRED = ["iss", "aud", "sub", "iat", "exp"]
MAX_LENGTH = 16_384
MAX_AGE_SECONDS = 3600
PAUSE_SECONDS = 10
"""Between two fetches that unknown key ids, or failures, have caused."""
TIMEOUT_SECONDS = 3
"""Of a whole fetch: requests wait for it."""
MAX_DOCUMENT_BYTES = 1_048_576

KeyName = tuple[str, str]
"""The id and the algorithm: keys of different types may share an id (RFC 7517, section 4.5)."""


class Profile(Input):
    """Further data of a user at registration."""

    email: Email | None = None
    """Only if the provider has verified it."""
    full_name: FullName | None = None


class ExternalClaims(BaseModel):
    """The content of a token; providers name its scopes `scope` or `scp`."""

    iss: str
    sub: Annotated[str, Field(max_length=255, pattern=r"^[^\x00]*[^\x00 ]$")]
    """Without a space at its end, which MySQL and MariaDB ignore in comparisons."""
    exp: datetime
    scope: Annotated[str | list[str], Field(validation_alias=AliasChoices("scope", "scp"))] = ""
    profile: Profile

    @property
    def scopes(self) -> list[str]:
        return self.scope.split() if isinstance(self.scope, str) else self.scope


class IdentityProvider:
    def __init__(
        self,
        settings: Settings,
        http: AsyncClient,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = str(settings.jwt_jwks_url)
        self._issuer = settings.jwt_jwks_issuer
        self._audience = settings.jwt_jwks_audience
        self._leeway = settings.jwt_leeway_seconds
        self._http = http
        self._clock = clock
        self._keys: dict[KeyName, jwt.PyJWK] = {}
        self._stale_at = self._next_fetch = clock()
        self._lock = asyncio.Lock()

    async def read(self, token: str) -> ExternalClaims | None:
        """The claims of a valid token; None if it does not name the provider as its issuer.

        Raises:
            InvalidToken: it is not valid.
            Unavailable: no keys could be fetched yet.
        """
        if len(token) > MAX_LENGTH:
            return None
        try:
            unverified = jwt.decode_complete(token, options={"verify_signature": False})
            if unverified["payload"].get("iss") != self._issuer:
                return None
            header = unverified["header"]
            if not HEADER.issuperset(header):
                raise InvalidToken
            key = await self._key((header["kid"], header["alg"]))
            payload = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": REQUIRED},
            )
            return ExternalClaims.model_validate({**payload, "profile": _profile(payload)})
        except MALFORMED as error:
            raise InvalidToken from error

    async def _key(self, name: KeyName) -> jwt.PyJWK:
        if self._must_fetch(name) and not (name in self._keys and self._lock.locked()):
            async with self._lock:
                if self._must_fetch(name):  # else the request before this one has done it
                    await self._fetch()
        if not self._keys:
            raise Unavailable("The identity provider does not answer.", retry_after=PAUSE_SECONDS)
        return self._keys[name]

    def _must_fetch(self, name: KeyName) -> bool:
        now = self._clock()
        return now >= self._next_fetch and (name not in self._keys or now >= self._stale_at)

    async def _fetch(self) -> None:
        pause = PAUSE_SECONDS
        try:
            keys = _signing_keys(json.loads(await self._download()))
            if not self._keys:
                pause = 0  # a key that the provider rotates soon after is fetched at once
            self._keys, self._stale_at = keys, self._clock() + MAX_AGE_SECONDS
        except (HTTPError, *MALFORMED) as error:
            logger.warning("identity_provider_unavailable", error=repr(error))
        self._next_fetch = self._clock() + pause

    async def _download(self) -> bytes:
        """The document of the provider; `ValueError` if it is too large."""
        body = b""
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            self._http.stream("GET", self._url) as response,
        ):
            async for part in response.raise_for_status().aiter_bytes():
                body += part
                if len(body) > MAX_DOCUMENT_BYTES:
                    raise ValueError("the document is too large")
        return body


def _profile(payload: dict[str, Any]) -> Profile:
    """The profile in a token; an empty one if users cannot register with it."""
    email = payload.get("email") if payload.get("email_verified") is True else None
    try:
        return Profile(email=email or None, full_name=payload.get("name") or None)
    except ValidationError:
        return Profile()


def _signing_keys(document: Any) -> dict[KeyName, jwt.PyJWK]:  # noqa: ANN401  # any JSON value
    """The keys by name; one of `MALFORMED` if there are none."""
    keys = {
        (key.key_id, key.algorithm_name): key
        for key in jwt.PyJWKSet(document["keys"])
        if key.key_id and key.public_key_use in {None, "sig"}
    }
    if not keys:
        raise ValueError("the document has no key for signatures")
    return keys
