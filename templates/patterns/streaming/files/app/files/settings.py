"""Settings of files: the folder, the sizes and the media types."""

from collections.abc import Mapping
from mimetypes import MimeTypes
from pathlib import Path

from pydantic import Field, field_validator

from app.core.environment import PROJECT_ROOT, EnvironmentSettings, StringList

UPLOADS = "/api/v1/files"
FORM_BYTES = 16_384
"""The largest size of a form without its file."""

UNKNOWN_TYPE = "application/octet-stream"
MEDIA_TYPES = MimeTypes()
"""The types of file names, without those that some systems add: they are the same everywhere."""


def media_type_of(name: str) -> str:
    """The media type of a file with this name."""
    media_type, encoding = MEDIA_TYPES.guess_type(name, strict=False)
    return media_type if media_type and not encoding else UNKNOWN_TYPE


class FileSettings(EnvironmentSettings):
    """All processes need the same folder. Several machines need a shared one."""

    files_folder: Path = PROJECT_ROOT / "files"
    file_max_bytes: int | None = Field(default=None, ge=1)
    """None: MAX_BODY_BYTES."""
    file_types: StringList = ()
    """The media types that are accepted, by the name of the file; empty: all."""

    @field_validator("file_types")
    @classmethod
    def _types_of_names(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        known = {UNKNOWN_TYPE}.union(*(table.values() for table in MEDIA_TYPES.types_map))
        if unknown := sorted({*types} - known):
            raise ValueError(f"no file name has the type {unknown[0]}: add it to MEDIA_TYPES")
        return types

    @field_validator("files_folder")
    @classmethod
    def _from_the_root(cls, folder: Path) -> Path:
        return PROJECT_ROOT / folder

    def body_limits(self) -> Mapping[str, int]:
        own = {} if self.file_max_bytes is None else {UPLOADS: self.file_max_bytes + FORM_BYTES}
        return {**super().body_limits(), **own}
