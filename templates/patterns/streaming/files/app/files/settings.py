"""Where files are stored, and which are accepted."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from app.core.environment import PROJECT_ROOT, EnvironmentSettings, StringList

UPLOADS = "/api/v1/files"
FORM_BYTES = 16_384
"""The largest size of a form without its file."""


class FileSettings(EnvironmentSettings):
    """All processes need the same folder. Several machines need a shared one."""

    files_folder: Path = PROJECT_ROOT / "files"
    file_max_bytes: int | None = Field(default=None, ge=1)
    """None: MAX_BODY_BYTES."""
    file_types: StringList = ()
    """The media types that are accepted, by the name of the file; empty: all."""
    files_per_owner: int = Field(default=1000, ge=1)

    @field_validator("files_folder")
    @classmethod
    def _from_the_root(cls, folder: Path) -> Path:
        return PROJECT_ROOT / folder

    def body_limits(self) -> Mapping[str, int]:
        own = {} if self.file_max_bytes is None else {UPLOADS: self.file_max_bytes + FORM_BYTES}
        return {**super().body_limits(), **own}
