"""Where files are kept, and which."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from app.core.environment import PROJECT_ROOT, EnvironmentSettings, StringList
from app.core.files.kinds import KINDS

UPLOADS = "/api/v1/files"
ENVELOPE_BYTES = 16_384
"""What a form has around the file, at most."""


class FileSettings(EnvironmentSettings):
    """Several processes need the same folder; several machines, one that they share."""

    files_folder: Path = PROJECT_ROOT / "files"
    file_max_bytes: int | None = Field(default=None, ge=1)
    """None: as much as MAX_BODY_BYTES lets through."""
    file_types: StringList = ()
    files_per_owner: int = Field(default=1000, ge=1)

    @field_validator("files_folder")
    @classmethod
    def _from_the_root(cls, folder: Path) -> Path:
        return PROJECT_ROOT / folder

    @field_validator("file_types")
    @classmethod
    def _that_are_recognized(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted({*types} - {*KINDS}):
            raise ValueError(f"{unknown[0]} is not recognized; these are: {', '.join(KINDS)}")
        return types or tuple(KINDS)

    def body_limits(self) -> Mapping[str, int]:
        own = {} if self.file_max_bytes is None else {UPLOADS: self.file_max_bytes + ENVELOPE_BYTES}
        return {**super().body_limits(), **own}
