"""What the checks of callers can be told."""

import re
from typing import Annotated, Literal

from limits import parse
from pydantic import (
    AfterValidator,
    BeforeValidator,
    EmailStr,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode

from app.core.environment import EnvironmentSettings, parse_json
from app.core.security.password_rules import MAX_LENGTH, MIN_LENGTH, is_common

KEY_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
"""As long as the hash of the algorithm (RFC 7518, section 3.2)."""

KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def _limit(text: str) -> str:
    parse(text)  # raises ValueError
    return text


Limit = Annotated[str, AfterValidator(_limit)]
"""How often, in which time: `5/15 minutes`."""


class AuthSettings(EnvironmentSettings):
    """Times are in seconds."""

    access_token_ttl_seconds: int = Field(default=900, ge=1)
    refresh_token_ttl_seconds: int = Field(default=1_209_600, ge=1)
    refresh_grace_seconds: int = Field(default=10, ge=0)
    session_ttl_seconds: int = Field(default=7_776_000, ge=1)

    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = "HS256"
    jwt_issuer: str = "app"
    jwt_audience: str = "app"
    jwt_keys: Annotated[dict[str, SecretStr], NoDecode, BeforeValidator(parse_json)] = {}
    jwt_active_kid: str = ""

    password_memory_kib: int = Field(default=65_536, ge=8)
    password_passes: int = Field(default=3, ge=1)
    password_lanes: int = Field(default=1, ge=1)
    password_threads: int = Field(default=2, ge=1)

    login_failures: Limit = "5/15 minutes"
    login_failures_of_address: Limit = "50/15 minutes"
    login_failures_of_account: Limit = "20/15 minutes"
    registrations_of_address: Limit = "60/hour"

    api_keys_in_query: bool = False
    api_keys_in_cookie: bool = False
    session_cookies: bool = False

    first_admin_email: EmailStr | None = None
    first_admin_password: SecretStr | None = None

    @field_validator("jwt_keys")
    @classmethod
    def _long_keys(cls, keys: dict[str, SecretStr], info: ValidationInfo) -> dict[str, SecretStr]:
        shortest = KEY_BYTES[info.data.get("jwt_algorithm", "HS256")]
        for kid, key in keys.items():
            if not KEY_ID.fullmatch(kid):
                raise ValueError("the id of a key is up to 64 letters, digits, `.`, `_` and `-`")
            if len(key.get_secret_value().encode()) < shortest:
                raise ValueError(f"each key needs {shortest} random bytes or more")
        return keys

    @field_validator("jwt_active_kid")
    @classmethod
    def _one_of_the_keys(cls, kid: str, info: ValidationInfo) -> str:
        keys = info.data.get("jwt_keys", {})
        if len(keys) == 1:
            kid = kid or next(iter(keys))
        if keys and kid not in keys:
            raise ValueError("it must name the key of JWT_KEYS that signs")
        if kid and not keys:
            raise ValueError("it names a key, and JWT_KEYS has none")
        return kid

    @field_validator("first_admin_password")
    @classmethod
    def _strong_and_with_email(
        cls, password: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        if password is None:
            return None
        text = password.get_secret_value()
        if not MIN_LENGTH <= len(text) <= MAX_LENGTH or is_common(text):
            raise ValueError(f"it needs {MIN_LENGTH} to {MAX_LENGTH} characters, not common ones")
        if info.data.get("first_admin_email") is None:
            raise ValueError("it needs FIRST_ADMIN_EMAIL too")
        return password
