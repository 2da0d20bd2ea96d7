"""Reads the TOML files of a project's state: regular files of the project, and no others."""

import os
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastgen.errors import NotAProject

MAX_BYTES = 1024 * 1024

_CONFLICT = re.compile(rb"^(?:<<<<<<<|\|\|\|\|\|\|\||>>>>>>>)(?: |\r?$)", re.MULTILINE)


def read_document(path: Path) -> dict[str, Any]:
    """The TOML document in a file.

    Raises:
        FileNotFoundError: there is no file.
        NotAProject: it is not a regular file with a TOML document.
    """
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise damaged(path, "it is not a regular file")
    if status.st_size > MAX_BYTES:
        raise damaged(path, "it is larger than 1 MiB")
    return parse_document(path, path.read_bytes())


def parse_document(path: Path, content: bytes) -> dict[str, Any]:
    """The TOML document that is the content of a file.

    Raises:
        NotAProject: the content is no such document.
    """
    if _CONFLICT.search(content):
        raise NotAProject(
            f"`{path}` has unresolved merge conflicts.", "Resolve them, then run the command again."
        )
    try:
        document = tomllib.loads(content.decode("utf-8"))
        has_nul = any("\x00" in text for text in _texts(document))
    except UnicodeDecodeError:
        raise damaged(path, "it is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"it is not TOML: {error}") from None
    if has_nul:
        raise damaged(path, "it has a NUL character")
    return document


def documents_in(root: Path, folder: str) -> Iterator[tuple[str, Path]]:
    """The TOML files in a folder below `root`: names without `.toml`, and paths.

    Hidden files and other endings are left to editors and to git.

    Raises:
        NotAProject: the folder, or one above it, is a link or not a folder.
    """
    path = root
    for part in folder.split("/"):
        path /= part
        if not os.path.lexists(path):
            return
        if not stat.S_ISDIR(path.lstat().st_mode):
            raise damaged(path, "it is not a folder")
    for name in sorted(os.listdir(path)):
        if name.endswith(".toml") and not name.startswith("."):
            yield name.removesuffix(".toml"), path / name


def damaged(path: Path, reason: str) -> NotAProject:
    """The error for a file or a folder that fastgen does not leave like this."""
    return NotAProject(
        f"`{path}` is damaged: {reason}.", "Correct it, or restore it from version control."
    )


def _texts(value: object) -> Iterator[str]:
    """All strings of a document, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
