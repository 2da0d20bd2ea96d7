"""Files in a folder: each is a folder of its own, which appears by one rename."""

import re
import secrets
import shutil
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from os import fsync, scandir
from pathlib import Path
from time import time

from anyio.to_thread import run_sync
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from app.core.config import CoreSettings
from app.core.errors import Conflict, NotFound, Unavailable
from app.core.files.kinds import Recognizer
from app.core.files.names import safe_name
from app.core.streams.errors import TooLarge, UnknownKind

INCOMING = ".incoming"
ID = re.compile("[0-9a-f]{32}")
STALE_SECONDS = 86_400
"""What is unfinished after that was left behind by a process that was killed."""
WRITE_BYTES = 262_144
"""How much is written at once: each write goes through a thread."""


class StoredFile(BaseModel):
    """What is known of a file."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    size: int
    content_type: str
    created_at: AwareDatetime


class FileStore:
    """The files of each owner, whom the owner's name tells apart."""

    def __init__(self, settings: CoreSettings) -> None:
        self._folder = settings.files_folder
        self._max_bytes = settings.file_max_bytes or settings.max_body_bytes
        self._types = frozenset(settings.file_types)
        self._per_owner = settings.files_per_owner

    async def add(self, owner: str, name: str, chunks: AsyncIterable[bytes]) -> StoredFile:
        """Keep a file; if that fails, nothing is left of it.

        Raises:
            Conflict, TooLarge, UnknownKind: the owner has enough; it is too much; nobody knows it.
            Unavailable: the disk is full.
        """
        if await run_sync(self._count, owner) >= self._per_owner:
            raise Conflict(f"There are {self._per_owner} files already.")
        file_id = secrets.token_hex(16)
        incoming = self._folder / INCOMING / file_id
        try:
            await run_sync(_make, incoming)
            size, kind = await self._write(incoming / "content", chunks)
            about = StoredFile(
                id=file_id,
                name=safe_name(name),
                size=size,
                content_type=kind,
                created_at=datetime.now(UTC),
            )
            await run_sync(_finish, incoming, about, self._folder / owner / file_id)
        except OSError as error:
            raise Unavailable("The file could not be kept.", retry_after=60) from error
        finally:
            # At once, whatever happens to the request: there is nothing there after a success.
            shutil.rmtree(incoming, ignore_errors=True)
        return about

    async def get(self, owner: str, file_id: str) -> tuple[StoredFile, Path]:
        """What is known of one of the owner's files, and where its bytes are."""
        folder = self._folder / owner / file_id
        try:
            if not ID.fullmatch(file_id):
                raise FileNotFoundError
            about = await run_sync((folder / "about.json").read_bytes)
            return StoredFile.model_validate_json(about), folder / "content"
        except (OSError, ValidationError):
            raise NotFound(f"File {file_id} does not exist.") from None

    async def forget(self, owner: str) -> None:
        """Delete all files of an owner: by one rename, and then from the disk."""
        gone = self._folder / INCOMING / secrets.token_hex(16)
        await run_sync(_remove, self._folder / owner, gone)

    def sweep(self) -> None:
        """Delete what was never finished, or not to its end."""
        for folder in (self._folder / INCOMING).glob("*"):
            if time() - folder.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

    async def _write(self, path: Path, chunks: AsyncIterable[bytes]) -> tuple[int, str]:
        recognizer, size, waiting = Recognizer(), 0, bytearray()
        with await run_sync(path.open, "wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > self._max_bytes:
                    raise TooLarge("The file is larger than this service accepts.")
                recognizer.feed(chunk)
                waiting += chunk
                if len(waiting) >= WRITE_BYTES:
                    self._check(recognizer.kind)
                    await run_sync(file.write, bytes(waiting))
                    waiting.clear()
            recognizer.feed(b"", is_last=True)
            kind = self._check(recognizer.kind)
            await run_sync(_write_last, file.write, bytes(waiting), file.flush, file.fileno())
        return size, kind

    def _check(self, kind: str | None) -> str:
        if kind is None or kind not in self._types:
            raise UnknownKind(f"A file must be one of: {', '.join(sorted(self._types))}.")
        return kind

    def _count(self, owner: str) -> int:
        try:
            with scandir(self._folder / owner) as entries:
                return sum(1 for _ in entries)
        except FileNotFoundError:
            return 0


def _make(folder: Path) -> None:
    folder.mkdir(parents=True)


def _write_last(
    write: Callable[[bytes], int], data: bytes, flush: Callable[[], None], number: int
) -> None:
    write(data)
    flush()
    fsync(number)


def _finish(incoming: Path, about: StoredFile, final: Path) -> None:
    (incoming / "about.json").write_text(about.model_dump_json(), "utf-8")
    final.parent.mkdir(parents=True, exist_ok=True)
    incoming.rename(final)


def _remove(folder: Path, aside: Path) -> None:
    aside.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        folder.rename(aside)
        shutil.rmtree(aside)


@asynccontextmanager
async def open_files(settings: CoreSettings) -> AsyncGenerator[FileStore]:
    """The files of an application."""
    store = FileStore(settings)
    await run_sync(store.sweep)
    yield store
