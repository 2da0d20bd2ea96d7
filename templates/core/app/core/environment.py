"""Settings from the environment, and from `.env` in the project's root. The environment wins."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BeforeValidator, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PROJECT_ROOT = Path(__file__).resolve().parents[2]
ENV_FILE = None if os.environ.get("ENVIRONMENT") == "test" else PROJECT_ROOT / ".env"
"""Tests read no file, whatever it contains."""
_JSON_LIST = re.compile(r'\s*\[\s*["\]]')
"""The start of one; `[::1]` is an address."""


class SettingsError(SystemExit):
    """The settings are not valid. At start, the process exits with this message."""


class EnvironmentSettings(BaseSettings):
    """The base class of all settings. `load` reports all faults at once."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8-sig",  # with or without a byte order mark
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    environment: Literal["development", "test", "production"] = "development"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let empty variables override `.env` too: they mean the default."""
        env_file = cast(DotEnvSettingsSource, dotenv_settings)
        overridden = {name.lower() for name in os.environ}
        env_file.env_vars = {
            name: value for name, value in env_file.env_vars.items() if name not in overridden
        }
        return init_settings, env_settings, dotenv_settings, file_secret_settings

    @property
    def in_production(self) -> bool:
        return self.environment == "production"

    @field_validator("workers", check_fields=False)
    @classmethod
    def _one_process_if_constrained(cls, workers: int, info: ValidationInfo) -> int:
        if workers > 1 and (reasons := [*cls.single_process_constraints(info.data)]):
            raise ValueError("; ".join(reasons))
        return workers

    @classmethod
    def single_process_constraints(cls, _settings: Mapping[str, Any]) -> Iterator[str]:
        """Reasons against more than one process. Each class of settings adds its own."""
        yield from ()

    def body_limits(self) -> Mapping[str, int]:
        """Path -> bytes, for routes with their own limit. Each class of settings adds its own."""
        return {}

    def server_options(self) -> Mapping[str, Any]:
        """Options of uvicorn in `python -m app`. Each class of settings adds its own."""
        return {}

    @classmethod
    def load(cls) -> Self:
        """Read the settings.

        Raises:
            SettingsError: some are missing or invalid. It names all of them, and no value.
        """
        env_file = cls.model_config.get("env_file")
        if isinstance(env_file, Path) and env_file.is_file() and not _is_utf8(env_file):
            raise SettingsError(f"`{env_file}` is not UTF-8 text. Save it as UTF-8.")
        try:
            return cls()
        except ValidationError as error:
            faults = map(_describe, error.errors(include_input=False, include_url=False))
        hint = "Set them in the environment or in `.env`; `.env.example` lists all settings."
        raise SettingsError("\n".join(["The settings are not valid:", *faults, hint]))


def _describe(fault: Mapping[str, Any]) -> str:
    name, *place = fault["loc"]
    entry = f"entry {place[0] + 1} " if place and isinstance(place[0], int) else ""
    return f"  {str(name).upper()}: {entry}{fault['msg'].removeprefix('Value error, ')}"


def _is_utf8(path: Path) -> bool:
    """Whether a file is text in UTF-8, and not in UTF-16, as PowerShell writes it."""
    try:
        return "\0" not in path.read_text("utf-8")
    except UnicodeDecodeError:
        return False


def in_production(info: ValidationInfo) -> bool:
    """For validators: production, or an invalid environment."""
    return bool(info.data.get("environment", "production") == "production")


def parse_json(value: object) -> object:
    """For validators: parse text as JSON, and pass on other values."""
    return json.loads(value) if isinstance(value, str) else value


def split(value: object) -> object:
    """For validators: split `a, b` or `["a", "b"]`, and pass on other values."""
    if not isinstance(value, str):
        return value
    if _JSON_LIST.match(value):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


StringList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split)]
"""Several strings: `a, b` or `["a", "b"]`."""
