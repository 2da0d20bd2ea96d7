"""The files of a folder in memory: regular files only, in limited number and size."""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fastgen.errors import Refused

MAX_FILES = 5_000
MAX_BYTES = 64 * 1024 * 1024

HASH_PREFIX = "sha256:"
"""Of the hash of a folder's content; a commit of git has none."""

_CACHE = re.compile(r"__pycache__|\.(?:mypy|pytest|ruff|import_linter)_cache")
_HAS_EXECUTABLE_BIT = os.name == "posix"


@dataclass(frozen=True, slots=True)
class FileContent:
    """The content of a file, and whether it can be executed."""

    content: bytes
    executable: bool = False


Files = Mapping[str, FileContent]
"""Files by their paths, with `/`, below a folder."""


def read_files(folder: Path, *, ignored: Iterable[str] = ()) -> dict[str, FileContent]:
    """The files below a folder, in order, without caches of Python.

    Args:
        folder: what to read; links are not followed.
        ignored: names of files and folders to leave out.

    Raises:
        Refused: something is neither a regular file nor a folder, or there is too much.
    """
    found: dict[str, FileContent] = {}
    size = 0
    for path in sorted(_paths(folder, {*ignored})):
        status = (folder / path).lstat()
        check_kind(path, status.st_mode)
        size += status.st_size
        check_limits(len(found) + 1, size)
        executable = _HAS_EXECUTABLE_BIT and bool(status.st_mode & stat.S_IXUSR)
        found[path] = FileContent((folder / path).read_bytes(), executable)
    return found


def check_kind(path: str, mode: int) -> None:
    """Refuse what is not a regular file; git has the same modes for files and links."""
    if stat.S_ISLNK(mode):
        raise Refused(f"`{path}` is a symbolic link.", "Use a copy of the file instead.")
    if not stat.S_ISREG(mode):
        raise Refused(f"`{path}` is not a regular file.", "Remove it.")


def check_limits(count: int, size: int) -> None:
    """Refuse more files, or more bytes, than an overlay can have."""
    if count > MAX_FILES or size > MAX_BYTES:
        raise Refused(
            f"There are more than {MAX_FILES} files or {MAX_BYTES // 1024**2} MiB.",
            "Keep the template in a folder or a repository of its own.",
        )


def content_hash(files: Files) -> str:
    """The same for the same paths, contents and executable bits."""
    digest = hashlib.sha256()
    for path, file in sorted(files.items()):
        head = f"{path}\0{'x' if file.executable else '-'}\0{len(file.content)}\0"
        digest.update(head.encode("utf-8"))
        digest.update(file.content)
    return f"{HASH_PREFIX}{digest.hexdigest()}"


def _paths(folder: Path, ignored: set[str], above: str = "") -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{above}{entry.name}"
            if not _is_utf8(entry.name):
                raise Refused(f"The file name {path!a} is not UTF-8.", "Rename it.")
            if entry.name in ignored or _CACHE.fullmatch(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _paths(Path(entry), ignored, f"{path}/")
            else:
                yield path


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeError:
        return False
    return True
