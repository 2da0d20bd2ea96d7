"""Reads the files of a project that commands edit."""

from pathlib import Path

from fastgen.errors import Refused

PACKAGE = "app"


def read_source(root: Path, path: str) -> str:
    """The text of a file below `root`, with its line ends and its byte order mark.

    Raises:
        Refused: the file is missing, is a folder, or is not UTF-8.
    """
    try:
        content = (root / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(root, path) from None
    except IsADirectoryError:
        raise Refused(
            f"`{path}` is a folder, but must be a file.", "Move the folder, and restore the file."
        ) from None
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
    message = f"`{path}` is missing: fastgen looks for the package `{PACKAGE}`."
    if (root / PACKAGE).is_dir():
        return Refused(
            message, f"If the file was moved, move it back to `{path}`; else restore it."
        )
    return Refused(
        message, f"If the package was renamed, rename it back to `{PACKAGE}`; else restore it."
    )
