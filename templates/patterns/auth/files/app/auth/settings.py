"""Settings of authentication."""

import re
from typing import Annotated, Literal

from limits import parse
from pydantic import (
    AfterValidator,
    BeforeValidator,
    EmailStr,
    Field,
    HttpUrl,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode

from app.auth.keys import HS256, can_sign, load_key
from app.core.environment import EnvironmentSettings, parse_json

Algorithm = Literal["HS256", "RS256", "ES256", "EdDSA"]
KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def _check_rate_limit(text: str) -> str:
    parse(text)  # raises ValueError
    return text


RateLimit = Annotated[str, AfterValidator(_check_rate_limit)]
"""A number in a time: `5/15 minutes`."""


class AuthSettings(EnvironmentSettings):
    """Times are in seconds."""

    access_token_ttl_seconds: int = Field(default=900, ge=1)
    refresh_token_ttl_seconds: int = Field(default=1_209_600, ge=1)
    refresh_grace_seconds: int = Field(default=10, ge=0)

    jwt_algorithm: Algorithm = "HS256"
    jwt_issuer: str = "app"
    jwt_audience: str = "app"
    jwt_keys: Annotated[dict[str, SecretStr], NoDecode, BeforeValidator(parse_json)] = {}
    jwt_active_kid: str = ""
    jwt_leeway_seconds: int = Field(default=10, ge=0)
    jwt_jwks_url: HttpUrl | None = None
    jwt_jwks_issuer: str = Field(default="", max_length=255)
    jwt_jwks_audience: str = ""

    argon2_memory_kib: int = Field(default=65_536, ge=8)
    argon2_time_cost: int = Field(default=3, ge=1)
    password_threads: int = Field(default=2, ge=1)

    login_failures: RateLimit = "5/15 minutes"
    login_failures_per_ip: RateLimit = "50/15 minutes"
    login_failures_per_account: RateLimit = "20/15 minutes"
    registrations_per_ip: RateLimit = "60/hour"

    api_keys_in_query: bool = False
    api_keys_in_cookie: bool = False
    session_cookies: bool = False

    first_admin_email: EmailStr | None = None
    first_admin_password: SecretStr | None = None

    @field_validator("jwt_keys")
    @classmethod
    def _usable_keys(cls, keys: dict[str, SecretStr], info: ValidationInfo) -> dict[str, SecretStr]:
        if (algorithm := info.data.get("jwt_algorithm")) is None:
            return keys  # the algorithm has a fault of its own
        if not keys and algorithm != HS256:
            raise ValueError(f"must have a private key in PEM format for {algorithm}")
        for kid, key in keys.items():
            if not KEY_ID.fullmatch(kid):
                raise ValueError("a key id must have up to 64 letters, digits, `.`, `_` and `-`")
            load_key(algorithm, key.get_secret_value())
        return keys

    @field_validator("jwt_active_kid")
    @classmethod
    def _one_of_the_keys(cls, kid: str, info: ValidationInfo) -> str:
        algorithm, keys = info.data.get("jwt_algorithm"), info.data.get("jwt_keys")
        if algorithm is None or keys is None:
            return kid  # they have a fault of their own
        if len(keys) == 1:
            kid = kid or next(iter(keys))
        if kid not in keys and (kid or keys):
            raise ValueError("must be the id of a key in JWT_KEYS")
        if keys and not can_sign(load_key(algorithm, keys[kid].get_secret_value())):
            raise ValueError("must be the id of a private key")
        return kid

    @field_validator("jwt_jwks_audience")
    @classmethod
    def _complete_identity_provider(cls, audience: str, info: ValidationInfo) -> str:
        if not {"jwt_jwks_url", "jwt_jwks_issuer"} <= info.data.keys():
            return audience  # they have a fault of their own
        url, issuer = info.data["jwt_jwks_url"], info.data["jwt_jwks_issuer"]
        if bool(url) != bool(issuer) or bool(url) != bool(audience):
            raise ValueError("must come with JWT_JWKS_URL and JWT_JWKS_ISSUER")
        if issuer and issuer == info.data.get("jwt_issuer"):
            raise ValueError("JWT_JWKS_ISSUER must differ from JWT_ISSUER")
        return audience
