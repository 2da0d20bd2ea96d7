"""A file is kept whole or not at all, under a harmless name, as what it is."""

from collections.abc import AsyncGenerator
from os import utime
from pathlib import Path

import pytest

from app.core.errors import (
    BadRequest,
    Conflict,
    Invalid,
    NotFound,
    PayloadTooLarge,
    Unavailable,
    UnsupportedMediaType,
)
from app.files.file_names import safe_name
from app.files.form import read_file
from app.files.media_types import MEDIA_TYPES, ContentSniffer
from app.files.store import INCOMING, FileStore
from app.settings import Settings

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def store(folder: Path) -> FileStore:
    return FileStore(Settings(files_folder=folder, file_max_bytes=500_000, files_per_owner=2))


async def chunks(*parts: bytes | Exception) -> AsyncGenerator[bytes]:
    for part in parts:
        if isinstance(part, Exception):
            raise part
        yield part


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_is_sent_is_kept(store: FileStore) -> None:
    stored = await store.add("ann", "a.txt", chunks(b"x" * 300_000, b"y" * 10))

    about, path = await store.get("ann", stored.file_id)

    assert about == stored
    assert (about.name, about.size, about.content_type) == ("a.txt", 300_010, "text/plain")
    assert path.read_bytes() == b"x" * 300_000 + b"y" * 10


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ([b"x" * 400_000, b"x" * 100_001], PayloadTooLarge),
        ([b"MZ\x00\x01"], UnsupportedMediaType),
        ([b"text", b"\xff\xfe"], UnsupportedMediaType),
        ([b"\x00" * 300_000, BadRequest("too late")], UnsupportedMediaType),
        ([b"half of", BadRequest("gone")], BadRequest),
        ([b"half of", OSError("no space")], Unavailable),
    ],
    ids=["large", "unknown", "no text", "unknown early", "aborted", "full"],
)
async def test_nothing_is_left_of_what_is_refused(
    store: FileStore, folder: Path, parts: list[bytes | Exception], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await store.add("ann", "a", chunks(*parts))

    assert left(folder) == []
    assert list((folder / INCOMING).iterdir()) == []


async def test_an_owner_has_so_many(store: FileStore) -> None:
    for _ in range(2):
        await store.add("ann", "a", chunks(b"a"))

    with pytest.raises(Conflict):
        await store.add("ann", "a", chunks(b"a"))
    await store.add("bob", "a", chunks(b"a"))


@pytest.mark.parametrize("file_id", ["0" * 32, "..", "", "../../etc/passwd", "x" * 32])
async def test_what_is_not_there(store: FileStore, file_id: str) -> None:
    stored = await store.add("ann", "a", chunks(b"a"))

    with pytest.raises(NotFound):
        await store.get("ann", file_id)
    with pytest.raises(NotFound):
        await store.get("bob", stored.file_id)


async def test_what_a_killed_process_left_goes_after_a_while(
    store: FileStore, folder: Path
) -> None:
    old, new = (folder / INCOMING / name for name in ("old", "new"))
    for path in (old, new):
        path.mkdir(parents=True)
    utime(old, (0, 0))

    store.delete_stale()

    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\n\x00\x00WEBP", "image/webp"),
        (b"%PDF-1.7\xff", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b\x08", "application/gzip"),
        ("Grüße,\r\n\tAnn 🙂".encode(), "text/plain"),
        (b"", "text/plain"),
        (b"\xc3", None),
        (b"a\x00b", None),
        (b"\x7fELF", None),
    ],
)
def test_the_content_says_what_it_is_in_whatever_pieces(content: bytes, kind: str | None) -> None:
    for size in (1, 5, 1000):
        sniffer = ContentSniffer()
        for start in range(0, len(content), size):
            sniffer.feed(content[start : start + size])
        sniffer.feed(b"", is_last=True)

        assert sniffer.media_type == kind
    assert kind is None or kind in MEDIA_TYPES


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


FORM = 'multipart/form-data; boundary="b"'
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_form_in_whatever_pieces(size: int) -> None:
    body = PART + b"one\r\n--two\r\n" + b"\r\n--b--\r\n"
    pieces = [body[start : start + size] for start in range(0, len(body), size)]

    sent = await read_file(FORM, chunks(*pieces))

    assert sent.name == "a.txt"
    assert b"".join([part async for part in sent.chunks]) == b"one\r\n--two\r\n"


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        ("application/json", b"{}", UnsupportedMediaType),
        ("multipart/form-data", b"", UnsupportedMediaType),
        (f"multipart/form-data; boundary={'x' * 1000}", b"", BadRequest),
        (FORM, b"nonsense", BadRequest),
        (FORM, b"", BadRequest),
        (FORM, PART + b"half of it", BadRequest),
        (FORM, b"--b--\r\n", Invalid),
        (FORM, PART.replace(b"file", b"other", 1) + b"\r\n--b--\r\n", Invalid),
        (FORM, PART.replace(b'; filename="a.txt"', b"") + b"\r\n--b--\r\n", Invalid),
        (FORM, PART + b"1\r\n" + PART + b"2\r\n--b--\r\n", Invalid),
        (FORM, b"--b\r\nX: " + b"y" * 100_000, BadRequest),
    ],
    ids=range(11),
)
async def test_what_is_no_form_with_one_file(
    content_type: str, body: bytes, error: type[Exception]
) -> None:
    async def read() -> bytes:
        sent = await read_file(content_type, chunks(*([body] if body else [])))
        return b"".join([part async for part in sent.chunks])

    with pytest.raises(error):
        await read()
