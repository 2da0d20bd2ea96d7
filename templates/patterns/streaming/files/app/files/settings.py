"""Where files are stored, and which are accepted."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from app.core.environment import PROJECT_ROOT, EnvironmentSettings, StringList
from app.files.media_types import MEDIA_TYPES

UPLOADS = "/api/v1/files"
FORM_BYTES = 16_384
"""The largest size of a form without its file."""


class FileSettings(EnvironmentSettings):
    """All processes need the same folder. Several machines need a shared one."""

    files_folder: Path = PROJECT_ROOT / "files"
    file_max_bytes: int | None = Field(default=None, ge=1)
    """None: MAX_BODY_BYTES."""
    file_types: StringList = ()
    files_per_owner: int = Field(default=1000, ge=1)

    @field_validator("files_folder")
    @classmethod
    def _from_the_root(cls, folder: Path) -> Path:
        return PROJECT_ROOT / folder

    @field_validator("file_types")
    @classmethod
    def _known_types(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted({*types} - {*MEDIA_TYPES}):
            raise ValueError(f"{unknown[0]} is not recognized; use: {', '.join(MEDIA_TYPES)}")
        return types or tuple(MEDIA_TYPES)

    def body_limits(self) -> Mapping[str, int]:
        own = {} if self.file_max_bytes is None else {UPLOADS: self.file_max_bytes + FORM_BYTES}
        return {**super().body_limits(), **own}
