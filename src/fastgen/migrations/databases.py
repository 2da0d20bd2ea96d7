"""Looks up which revision the databases of a project are at, without changing a byte of them."""

import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

from fastgen.migrations.default_database import is_default_known
from fastgen.migrations.revisions import Revisions, descendants

DEFAULT_FILE = "app.db"
SECONDS_TO_WAIT = 1
"""For a lock that is held while a transaction is written to the file."""
RESERVED_BYTE = 0x40000001
WRITE_LOCK_BYTE = 120
"""The offsets of the locks, which are parts of SQLite's file format."""

_DATABASE_URL = re.compile(
    r"^\s*(?:export\s+)?(['\"]?)DATABASE_URL\1\s*(?:=(.*))?$", re.IGNORECASE | re.MULTILINE
)
_VALUE = re.compile(r"""\s*(?:'([^'\\$]*)'|"([^"\\$]*)"|([^\s'"\\$#][^'"\\$#]*?))\s*(?:\s#.*)?""")
_SQLITE_FILE = re.compile(r"sqlite(?:\+\w+)?:///(?!file:|:memory:)([^?#%]+)(?:\?timeout=\d+)?")


def may_be_applied(root: Path, revision: str, revisions: Revisions) -> bool:
    """Whether a database may have run a revision.

    The databases are those of `DATABASE_URL`, in the environment and in `.env`, and the default
    file. Only an SQLite file can be read: of a server it is not known. Neither is it if the
    settings may have another default.
    """
    if not is_default_known(root):
        return True
    later = descendants(revisions, revision)
    for file in [root / DEFAULT_FILE, *_configured_files(root)]:
        versions = None if file is None else _versions(file)
        if versions is None or any(
            version in later or version not in revisions for version in versions
        ):
            return True
    return False


def _configured_files(root: Path) -> Iterator[Path | None]:
    """The SQLite files of the settings; None for a database that cannot be read here."""
    for url in _urls(root):
        match = None if url is None else _SQLITE_FILE.fullmatch(url)
        yield root / match[1] if match else None


def _urls(root: Path) -> Iterator[str | None]:
    """The values of `DATABASE_URL`; None for one that cannot be read."""
    yield from (
        value for name, value in os.environ.items() if name.lower() == "database_url" and value
    )
    try:
        text = (root / ".env").read_text("utf-8-sig") if _is_file(root / ".env") else ""
    except (OSError, UnicodeDecodeError):
        yield None
        return
    for assigned in _DATABASE_URL.finditer(text):
        if (assigned[2] or "").strip():
            value = _VALUE.fullmatch(assigned[2])
            yield value[value.lastindex or 0] if value else None


def _versions(path: Path) -> set[object] | None:
    """The revisions that an SQLite file is at; None if they cannot be read."""
    try:
        if not _is_file(path):
            return set()
        if _is_being_written(path):
            return None  # perhaps by a migration
        with closing(sqlite3.connect(_uri(path), uri=True, timeout=SECONDS_TO_WAIT)) as connection:
            query = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
            if connection.execute(query).fetchone() is None:
                return set()
            rows = connection.execute("SELECT version_num FROM alembic_version")
            return {version for (version,) in rows}
    except (OSError, sqlite3.Error):
        return None


def _is_being_written(path: Path) -> bool:
    """Whether a transaction that writes is open, in any process.

    SQLite locks a byte for it: of the file, or with a write-ahead log of the index of the log.
    """
    if fcntl is None:
        return any(os.path.lexists(f"{path}{ending}") for ending in ("-wal", "-journal"))
    for file, byte in ((path, RESERVED_BYTE), (Path(f"{path}-shm"), WRITE_LOCK_BYTE)):
        if not _is_file(file):
            continue
        with file.open("rb") as opened:
            try:
                fcntl.lockf(opened, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, byte)
            except BlockingIOError:
                return True
    return False


def _uri(path: Path) -> str:
    """The URI to read a file; SQLite makes no file beside it and changes none."""
    in_use = any(os.path.lexists(f"{path}{ending}") for ending in ("-wal", "-journal"))
    option = "readonly_shm=1" if in_use else "immutable=1"
    return f"{path.absolute().as_uri()}?mode=ro&{option}"


def _is_file(path: Path) -> bool:
    """Whether there is a regular file.

    Raises:
        OSError: something else is there, or it cannot be seen.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(mode):
        raise OSError(f"`{path}` is not a file")
    return True
