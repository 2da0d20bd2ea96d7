"""Reads the files that people have in a project."""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from fastgen.errors import Refused
from fastgen.merge import find_renames, moved_folder

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
    # `Path.resolve` refuses a link to itself.
    if not Path(os.path.realpath(place)).is_relative_to(os.path.realpath(root)):
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


def places_of_new_files(
    root: Path, base: Mapping[str, bytes], theirs: Mapping[str, bytes]
) -> dict[str, str]:
    """The paths of files that `theirs` adds to folders which people have moved."""
    folders: dict[str, str] = {"": ""}
    for path in theirs.keys() - base.keys():
        folder = _folder_in(base, path)
        if folder not in folders:
            folders[folder] = _present_folder(root, folder, base, theirs)
    return {
        path: folders[folder] + path.removeprefix(folder)
        for path in theirs.keys() - base.keys()
        if (folder := _folder_in(base, path)) != folders[folder]
    }


def _folder_in(base: Collection[str], path: str) -> str:
    """The innermost folder around a file in which fastgen has written others; else nothing."""
    parents = (parent.as_posix() for parent in Path(path).parents[:-1])
    return next((each for each in parents if any(name.startswith(f"{each}/") for name in base)), "")


def _present_folder(
    root: Path, folder: str, base: Mapping[str, bytes], theirs: Mapping[str, bytes]
) -> str:
    files = {path: base[path] for path in base if path.startswith(f"{folder}/")}
    if any(os.path.lexists(root / path) for path in files):
        return folder
    return moved_folder(folder, renamed_files(root, files, {*base, *theirs}))


def _own_files(root: Path, endings: Collection[str], known: Collection[str]) -> Iterator[str]:
    """The files that fastgen did not write."""
    for path in files_of_people(root):
        if path not in known and Path(path).suffix in endings:
            yield path


def files_of_people(root: Path) -> Iterator[str]:
    """The readable files of a project up to a size, without those of tools and of environments."""
    for parent, folders, names in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in FOLDERS_OF_TOOLS
            and not os.path.lexists(Path(parent, name, "pyvenv.cfg"))
        )
        for name in sorted(names):
            place = Path(parent, name)
            if not os.access(place, os.R_OK) or place.is_symlink() or not place.is_file():
                continue
            if place.stat().st_size <= MAX_BYTES:
                yield place.relative_to(root).as_posix()
