"""Uploaded files on disk. Each is a folder, which a rename puts into place."""

import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import time, time_ns
from typing import BinaryIO

from anyio.to_thread import run_sync
from pydantic import BaseModel, ConfigDict, ValidationError

from app.core.errors import (
    Conflict,
    NotFound,
    PayloadTooLarge,
    Unavailable,
    UnsupportedMediaType,
)
from app.files.settings import media_type_of
from app.settings import Settings

INCOMING = ".incoming"
FILES_PER_OWNER = 1000
FILE_ID = re.compile("[0-9a-f]{32}")
POSITION_DIGITS = 16
"""An id starts with the time of its upload, in nanoseconds: files are listed in that order."""
STALE_SECONDS = 86_400
"""Incomplete uploads of that age were left behind by a process that was killed."""
MAX_NAME_BYTES = 200
UNSAFE = re.compile(
    r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"*:<>?|\ud800-\udfff]'
)


class StoredFile(BaseModel):
    """A file, without its content."""

    model_config = ConfigDict(frozen=True)

    file_id: str
    name: str
    size: int
    content_type: str

    @property
    def id(self) -> int:
        """The position of the file in lists."""
        return int(self.file_id[:POSITION_DIGITS], 16)


class FileStore:
    """The files of each owner, in a folder with the name of the owner."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.files_folder
        self._max_bytes = settings.file_max_bytes or settings.max_body_bytes
        self._types = frozenset(settings.file_types)

    async def add(self, owner: str, name: str, content: BinaryIO) -> StoredFile:
        """Store a copy of a file. After a failure nothing of it is left.

        Raises:
            Conflict: the owner has reached the limit.
            PayloadTooLarge, UnsupportedMediaType: the content is not accepted.
            Unavailable: the disk is full.
        """
        return await run_sync(self._add, owner, name, content)

    async def list_after(self, owner: str, position: int, limit: int) -> Sequence[StoredFile]:
        """The next files of an owner, the oldest first."""
        after = f"{position + 1:0{POSITION_DIGITS}x}"

        def read() -> list[StoredFile]:
            found: list[StoredFile] = []
            for file_id in sorted(_ids(self._folder / owner)):
                if file_id >= after and len(found) < limit:
                    with suppress(OSError, ValidationError):  # deleted meanwhile
                        found.append(_read(self._folder / owner / file_id))
            return found

        return await run_sync(read)

    async def get(self, owner: str, file_id: str) -> tuple[StoredFile, Path]:
        """A file of an owner, and the path of its content; `NotFound` if it does not exist."""
        folder = self._folder_of(owner, file_id)
        try:
            return await run_sync(_read, folder), folder / "content"
        except (OSError, ValidationError):
            raise _not_found(file_id) from None

    async def delete(self, owner: str, file_id: str) -> None:
        """Delete a file; `NotFound` if it does not exist."""
        if not await run_sync(self._remove, self._folder_of(owner, file_id)):
            raise _not_found(file_id)

    async def delete_all(self, owner: str) -> None:
        """Delete all files of an owner."""
        await run_sync(self._remove, self._folder / owner)

    def delete_stale(self) -> None:
        """Delete incomplete uploads of killed processes."""
        for folder in (self._folder / INCOMING).glob("*"):
            with suppress(FileNotFoundError):  # another process has completed it meanwhile
                if time() - folder.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)

    def _add(self, owner: str, name: str, content: BinaryIO) -> StoredFile:
        if len(_ids(self._folder / owner)) >= FILES_PER_OWNER:
            raise Conflict(f"You have {FILES_PER_OWNER} files already.")
        size = content.seek(0, os.SEEK_END)
        if size > self._max_bytes:
            raise PayloadTooLarge("The file is larger than this service accepts.")
        name = safe_name(name)
        content_type = media_type_of(name)
        if self._types and content_type not in self._types:
            raise UnsupportedMediaType(f"Send one of: {', '.join(sorted(self._types))}.")
        stored = StoredFile(
            file_id=f"{time_ns():0{POSITION_DIGITS}x}{secrets.token_hex(8)}",
            name=name,
            size=size,
            content_type=content_type,
        )
        incoming = self._folder / INCOMING / stored.file_id
        try:
            incoming.mkdir(parents=True)
            _write_to_disk(incoming / "content", content)
            (incoming / "about.json").write_text(stored.model_dump_json(), "utf-8")
            final = self._folder / owner / stored.file_id
            final.parent.mkdir(parents=True, exist_ok=True)
            incoming.rename(final)
        except OSError as error:
            raise Unavailable("The file could not be stored.", retry_after=60) from error
        finally:
            shutil.rmtree(incoming, ignore_errors=True)  # after a success it is gone
        return stored

    def _folder_of(self, owner: str, file_id: str) -> Path:
        if not FILE_ID.fullmatch(file_id):
            raise _not_found(file_id)
        return self._folder / owner / file_id

    def _remove(self, folder: Path) -> bool:
        """Delete a folder: first by a rename, so that no reader sees a part of it."""
        aside = self._folder / INCOMING / secrets.token_hex(16)
        aside.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(aside)
        except FileNotFoundError:
            return False
        shutil.rmtree(aside, ignore_errors=True)
        return True


def safe_name(name: str) -> str:
    """The last part of a path, without characters that a system or a page interprets."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = UNSAFE.sub("_", last).strip(". ")
    stem, dot, suffix = clean.rpartition(".")
    ending = (dot + suffix).encode() if stem and len(suffix) <= 16 else b""
    room = (stem if ending else clean).encode()[: MAX_NAME_BYTES - len(ending)]
    return (room.decode("utf-8", "ignore") + ending.decode()) or "file"


def _ids(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  # names only
    except FileNotFoundError:
        return []


def _read(folder: Path) -> StoredFile:
    return StoredFile.model_validate_json((folder / "about.json").read_bytes())


def _write_to_disk(path: Path, content: BinaryIO) -> None:
    content.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())


def _not_found(file_id: str) -> NotFound:
    return NotFound(f"File {file_id} does not exist.")


@asynccontextmanager
async def open_files(settings: Settings) -> AsyncGenerator[FileStore]:
    """The files of an application."""
    store = FileStore(settings)
    await run_sync(store.delete_stale)
    yield store
