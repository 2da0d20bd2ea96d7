"""Where settings come from: the environment first, then `.env` in the project's root."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PROJECT_ROOT = Path(__file__).resolve().parents[2]


class SettingsError(SystemExit):
    """Settings that cannot work: at start they end the process with this message alone."""


class EnvironmentSettings(BaseSettings):
    """The base of all settings: it knows the environment, and reports every fault at once."""

    model_config = SettingsConfigDict(
        env_file=PROJECT_ROOT / ".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    environment: Literal["development", "test", "production"] = "development"

    @property
    def in_production(self) -> bool:
        return self.environment == "production"

    @field_validator("workers", check_fields=False)
    @classmethod
    def _as_many_as_can_share(cls, workers: int, info: ValidationInfo) -> int:
        if workers > 1 and (reasons := [*cls.reasons_for_one_process(info.data)]):
            raise ValueError("; ".join(reasons))
        return workers

    @classmethod
    def reasons_for_one_process(cls, _settings: Mapping[str, Any]) -> Iterator[str]:
        """What the processes of a service could not share; parts with settings add theirs."""
        yield from ()

    def body_limits(self) -> Mapping[str, int]:
        """Path -> bytes, for what takes larger bodies; parts with settings add theirs."""
        return {}

    def server_options(self) -> Mapping[str, Any]:
        """What the server is told by `python -m app`; parts with settings add theirs."""
        return {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Keep what a developer has in `.env` out of the tests."""
        if os.environ.get("ENVIRONMENT") == "test":
            return init_settings, env_settings
        return init_settings, env_settings, dotenv_settings

    @classmethod
    def load(cls) -> Self:
        """Read the settings.

        Raises:
            SettingsError: some are missing or bad; it names them all, and none of their values.
        """
        try:
            return cls()
        except ValidationError as error:
            faults = [
                f"  {str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}"
                for fault in error.errors(include_input=False, include_url=False)
            ]
        hint = "Set them in the environment or in `.env`; `.env.example` lists every one."
        raise SettingsError("\n".join(["The settings are not valid:", *faults, hint]))


def in_production(info: ValidationInfo) -> bool:
    """For validators: production, or an environment that is not even named right."""
    return bool(info.data.get("environment", "production") == "production")


def parse_json(value: object) -> object:
    """For validators: text is JSON, anything else is a value already."""
    return json.loads(value) if isinstance(value, str) else value


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


StringList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Several strings: `a, b` or `["a", "b"]`."""
