"""The settings of the core; those of the project are in `app/settings.py`.

The environment variable of a setting is its name in upper case.
"""

import secrets
import warnings
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    EmailStr,
    Field,
    HttpUrl,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode

from app.core.environment import EnvironmentSettings, in_production, parse_json
from app.core.setting_types import DocsPath, HostList, OriginList, ProxyList, RootPath

LOCAL_HOSTS = ("127.0.0.1", "localhost")
TEST_HOSTS = ("test", "testserver")
EXAMPLE_WORDS = ("change", "example", "placeholder")


class CoreSettings(EnvironmentSettings):
    """Settings of the server, its limits and its documentation."""

    debug: bool = False
    secret_key: SecretStr = SecretStr("")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    access_log: bool = True
    telemetry_enabled: bool = False

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    root_path: RootPath = ""
    workers: int = Field(default=1, ge=1)
    shutdown_drain_seconds: float | None = Field(default=None, ge=0)
    shutdown_grace_seconds: float = Field(default=20, ge=1)

    allowed_hosts: HostList = ()
    allowed_origins: OriginList = ()
    trusted_proxies: ProxyList = ()
    max_body_bytes: int = Field(default=10_485_760, ge=1)

    docs_enabled: bool | None = None
    docs_path: DocsPath = "/docs"
    redoc_path: DocsPath = "/redoc"
    openapi_path: DocsPath = "/openapi.json"
    swagger_ui_parameters: Annotated[dict[str, Any], NoDecode, BeforeValidator(parse_json)] = {}
    app_title: str
    app_description: str
    contact_name: str
    contact_url: HttpUrl | None = None
    contact_email: EmailStr | None = None

    @field_validator("debug")
    @classmethod
    def _no_debug_in_production(cls, debug: bool, info: ValidationInfo) -> bool:
        if debug and in_production(info):
            raise ValueError("must be false in production, because it shows tracebacks to clients")
        return debug

    @field_validator("secret_key")
    @classmethod
    def _strong_key_in_production(cls, key: SecretStr, info: ValidationInfo) -> SecretStr:
        secret = key.get_secret_value()
        if in_production(info):
            if len(secret.encode()) < 32:
                raise ValueError("must be a random secret of 32 bytes or more in production")
            if len(set(secret)) < 10 or any(word in secret.lower() for word in EXAMPLE_WORDS):
                raise ValueError("must not be an example; production needs a random secret")
        if not secret:
            warnings.warn("SECRET_KEY is empty: this process uses a random one", stacklevel=2)
            return SecretStr(secrets.token_urlsafe(32))
        return key

    @field_validator("allowed_hosts")
    @classmethod
    def _local_hosts_by_default(
        cls, hosts: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        return hosts or (LOCAL_HOSTS if in_production(info) else LOCAL_HOSTS + TEST_HOSTS)

    @field_validator("allowed_origins")
    @classmethod
    def _named_origins_in_production(
        cls, origins: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        if "*" in origins and in_production(info):
            raise ValueError("must list each origin in production; `*` allows every web page")
        return origins

    @field_validator("docs_enabled")
    @classmethod
    def _no_docs_in_production(cls, enabled: bool | None, info: ValidationInfo) -> bool:
        return not in_production(info) if enabled is None else enabled

    @property
    def drain_seconds(self) -> float:
        """The delay of a shutdown: by default long enough for load balancers in production."""
        if self.shutdown_drain_seconds is None:
            return 5 if self.in_production else 1
        return self.shutdown_drain_seconds

    @property
    def contact(self) -> dict[str, Any]:
        """The contact for the OpenAPI document."""
        known = {"name": self.contact_name, "url": self.contact_url, "email": self.contact_email}
        return {key: str(value) for key, value in known.items() if value}
