"""Reads the files of a project that commands edit."""

import errno
import os
import stat
from pathlib import Path

from fastgen.errors import Refused

PACKAGE = "app"
NOT_PARSED = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What `ast.parse` raises for text that is not Python, or that is nested too deep."""


class NotAFile(OSError):
    """There is a pipe or a device, which could be read without end, or a link to itself."""


def read_file(path: Path) -> bytes:
    """The content of a file.

    Raises:
        NotAFile: it is of another kind.
        OSError: it is missing, is a folder, or cannot be read.
    """
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read()
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    raise NotAFile(errno.EINVAL, "it is not a file", str(path))


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # Windows has no such pipes


def read_source(root: Path, path: str) -> str:
    """The text of a file below `root`, with its line ends and its byte order mark.

    Raises:
        Refused: the file is missing, is something else, or is not UTF-8.
    """
    try:
        content = read_file(root / path)
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(root, path) from None
    except IsADirectoryError:
        raise Refused(
            f"`{path}` is a folder, but must be a file.", "Move the folder, and restore the file."
        ) from None
    except NotAFile:
        raise Refused(f"`{path}` is not a file.", "Move it away, and restore the file.") from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(
            f"`{path}` is not UTF-8: line {line}.", "Save it as UTF-8, then run the command again."
        ) from None


def _missing(root: Path, path: str) -> Refused:
    if not path.startswith(f"{PACKAGE}/"):
        return Refused(f"`{path}` is missing.", "Restore it, for example from version control.")
    if (root / "src" / path).is_file():
        return Refused(
            f"`{path}` is in `src/`, where this command cannot edit it.",
            f"Move `src/{PACKAGE}` to `{PACKAGE}`, run the command again, and move it back.",
        )
    message = f"`{path}` is missing: fastgen looks for the package `{PACKAGE}`."
    if (root / PACKAGE).is_dir():
        return Refused(
            message, f"If the file was moved, move it back to `{path}`; else restore it."
        )
    return Refused(
        message, f"If the package was renamed, rename it back to `{PACKAGE}`; else restore it."
    )
