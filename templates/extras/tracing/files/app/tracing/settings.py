"""Settings of the traces."""

from pydantic import Field, HttpUrl, ValidationInfo, field_validator

from app.core.environment import EnvironmentSettings


class TracingSettings(EnvironmentSettings):
    tracing_endpoint: HttpUrl | None = None
    tracing_ratio: float = Field(default=0.1, ge=0, le=1)

    @field_validator("telemetry_enabled", check_fields=False)
    @classmethod
    def _on_for_an_endpoint(cls, enabled: bool, info: ValidationInfo) -> bool:
        if not enabled and info.data.get("tracing_endpoint"):
            raise ValueError("must be true, because TRACING_ENDPOINT is set")
        return enabled
