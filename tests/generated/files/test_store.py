"""A file is kept whole or not at all, under a harmless name."""

import mimetypes
from io import BytesIO
from os import utime
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core.errors import Conflict, NotFound, PayloadTooLarge, Unavailable, UnsupportedMediaType
from app.files.settings import media_type_of
from app.files.store import INCOMING, FileStore, safe_name
from app.settings import Settings


@pytest.fixture
def store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FileStore:
    monkeypatch.setattr("app.files.store.FILES_PER_OWNER", 2)
    types = ("text/plain", "image/png")
    return FileStore(Settings(files_folder=folder, file_types=types, file_max_bytes=500_000))


def left(folder: Path) -> list[Path]:
    """What is stored, or was about to be."""
    return [path for path in folder.rglob("*") if path.is_file() or path.parent.name == INCOMING]


async def test_uploads_are_stored(store: FileStore) -> None:
    stored = await store.add("ann", "a.txt", BytesIO(b"x" * 300_000 + b"y" * 10))

    about, path = await store.get("ann", stored.file_id)

    assert about == stored
    assert (about.name, about.size, about.content_type) == ("a.txt", 300_010, "text/plain")
    assert path.read_bytes() == b"x" * 300_000 + b"y" * 10


class Broken(BytesIO):
    """Its second half cannot be read or stored."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 0:
            raise OSError("no space")
        return super().read(5 if size == -1 or size is None else min(size, 5))


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.txt", BytesIO(b"x" * 500_001), PayloadTooLarge),
        ("a", BytesIO(b"a"), UnsupportedMediaType),
        ("a.html", BytesIO(b"a"), UnsupportedMediaType),
        ("a.png.gz", BytesIO(b"a"), UnsupportedMediaType),
        ("a.png", Broken(b"a and more"), Unavailable),
    ],
    ids=["large", "unknown", "other", "compressed", "full"],
)
async def test_nothing_is_left_of_what_is_refused(
    store: FileStore, folder: Path, name: str, content: BytesIO, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await store.add("ann", name, content)

    assert left(folder) == []


async def test_an_owner_has_so_many(store: FileStore) -> None:
    for _ in range(2):
        await store.add("ann", "a.txt", BytesIO(b"a"))

    with pytest.raises(Conflict):
        await store.add("ann", "a.txt", BytesIO(b"a"))
    await store.add("bob", "a.txt", BytesIO(b"a"))


@pytest.mark.parametrize("file_id", ["0" * 32, "..", "", "../../etc/passwd", "x" * 32])
async def test_unknown_files_are_not_found(store: FileStore, file_id: str) -> None:
    stored = await store.add("ann", "a.txt", BytesIO(b"a"))

    with pytest.raises(NotFound):
        await store.get("ann", file_id)
    with pytest.raises(NotFound):
        await store.get("bob", stored.file_id)


async def test_stale_uploads_of_killed_processes_are_deleted(
    store: FileStore, folder: Path
) -> None:
    old, new = (folder / INCOMING / name for name in ("old", "new"))
    for path in (old, new):
        path.mkdir(parents=True)
    utime(old, (0, 0))

    store.delete_stale()

    assert (old.exists(), new.exists()) == (False, True)


def test_an_upload_that_ends_meanwhile_is_no_error(
    store: FileStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another process has renamed the upload since this one listed it.
    monkeypatch.setattr(Path, "glob", lambda folder, _pattern: iter([folder / "gone"]))

    store.delete_stale()

    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.txt", "text/plain"),
        ("A.PNG", "image/png"),
        ("a.tar.gz", "application/octet-stream"),
        ("a", "application/octet-stream"),
        ("a.unknown", "application/octet-stream"),
    ],
)
async def test_the_name_decides_about_the_type(folder: Path, name: str, media_type: str) -> None:
    """Without FILE_TYPES, all of them are accepted."""
    stored = await FileStore(Settings(files_folder=folder)).add("ann", name, BytesIO(b"a"))

    assert stored.content_type == media_type


def test_tables_of_the_system_do_not_change_types() -> None:
    mimetypes.add_type("application/x-own", ".own")  # as a line of /etc/mime.types would

    assert media_type_of("a.own") == "application/octet-stream"


@pytest.mark.parametrize("media_type", ["image/*", "PNG", "image/nonsense"])
def test_types_that_no_name_has_are_refused(media_type: str) -> None:
    with pytest.raises(ValidationError, match="file_types"):
        Settings(file_types=("image/png", media_type))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("", "file"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ('a"\r\nX: y.txt', "a___X_ y.txt"),
        ("\u202efdp.exe", "_fdp.exe"),
        ("Grüße.txt", "Grüße.txt"),
        ("ä" * 300 + ".txt", "ä" * 98 + ".txt"),
        ("x" * 300, "x" * 200),
    ],
)
def test_names_are_harmless(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept
