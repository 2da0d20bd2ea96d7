"""Reads the files that people have in a project."""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from fastgen.errors import Refused
from fastgen.merge import find_renames

FOLDERS_OF_TOOLS = frozenset(["__pycache__", "build", "dist", "htmlcov", "node_modules", "site"])
MAX_BYTES = 500_000
"""Of a file that may be one that was renamed."""


def present(root: Path, path: str) -> bytes | None:
    """The content of a file; None if there is none.

    Raises:
        Refused: something else is there, or the path leads out of the project.
    """
    place = root / path
    if not os.path.lexists(place):
        return None
    if not place.resolve().is_relative_to(root.resolve()):
        raise Refused(f"`{path}` leads out of the project.", "Take the link away first.")
    if not place.is_file():
        raise Refused(f"`{path}` is not a file.", "Move it away, then run the command again.")
    return place.read_bytes()


def missing_files(
    root: Path, base: Mapping[str, bytes], theirs: Mapping[str, bytes]
) -> dict[str, bytes]:
    """The files of `base` that `theirs` changes, and that are not at their paths any more."""
    return {
        path: content
        for path, content in base.items()
        if theirs.get(path) != content and not os.path.lexists(root / path)
    }


def renamed_files(
    root: Path, missing: Mapping[str, bytes], known: Collection[str]
) -> dict[str, str]:
    """The present paths of missing files that people have renamed.

    Args:
        root: the project.
        missing: those that are not at their paths, with the content that fastgen wrote.
        known: the paths that fastgen writes.
    """
    if not missing:
        return {}
    endings = {Path(path).suffix for path in missing}
    added = {path: (root / path).read_bytes() for path in _own_files(root, endings, known)}
    return find_renames(missing, added)


def _own_files(root: Path, endings: Collection[str], known: Collection[str]) -> Iterator[str]:
    """The files that fastgen did not write."""
    for path in files_of_people(root):
        if path not in known and Path(path).suffix in endings:
            yield path


def files_of_people(root: Path) -> Iterator[str]:
    """The files of a project up to a size, without those of tools and of environments."""
    for parent, folders, names in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in FOLDERS_OF_TOOLS
            and not Path(parent, name, "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            place = Path(parent, name)
            if place.is_symlink() or not place.is_file():
                continue
            if place.stat().st_size <= MAX_BYTES:
                yield place.relative_to(root).as_posix()
