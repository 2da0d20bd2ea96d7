"""Settings of the profiles."""

from pydantic import SecretStr, field_validator

from app.core.environment import EnvironmentSettings


class ProfilingSettings(EnvironmentSettings):
    profiling_token: SecretStr = SecretStr("")

    @field_validator("profiling_token")
    @classmethod
    def _long_token(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token.get_secret_value()) < 32:
            raise ValueError("must have 32 random characters or more, or be empty")
        return token
