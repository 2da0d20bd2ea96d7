"""Settings of the reports of errors."""

from pydantic import Field, SecretStr, field_validator
from sentry_sdk.utils import BadDsn, Dsn

from app.core.environment import EnvironmentSettings


class SentrySettings(EnvironmentSettings):
    sentry_dsn: SecretStr = SecretStr("")
    sentry_sample_rate: float = Field(default=1, ge=0, le=1)

    @field_validator("sentry_dsn")
    @classmethod
    def _valid_dsn(cls, dsn: SecretStr) -> SecretStr:
        if dsn.get_secret_value():
            try:
                Dsn(dsn.get_secret_value())
            except BadDsn:
                raise ValueError("must look like https://key@host/1") from None
        return dsn
