"""Reads the files of a project that commands edit: any that cannot be read right is refused."""

from pathlib import Path

from fastgen.errors import Refused


def read_source(root: Path, path: str) -> str:
    """The text of a file below `root`, with its line ends and its byte order mark.

    Raises:
        Refused: it is not there, or it is not UTF-8.
    """
    try:
        content = (root / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(f"`{path}` is missing.", "Restore it from version control.") from None
    except IsADirectoryError:
        raise Refused(f"`{path}` is a folder.", "Restore it from version control.") from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(
            f"`{path}` is not UTF-8: line {line}.", "Save it as UTF-8, then run the command again."
        ) from None
