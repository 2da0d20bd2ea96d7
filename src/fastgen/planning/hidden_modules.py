"""Refuses new files where a module and a package would have one name: Python finds the package."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from fastgen.changes import Change
from fastgen.errors import Refused


def check_new_files(root: Path, changes: Sequence[Change]) -> None:
    """Make sure that new modules and packages can be imported, and hide none of the people.

    Raises:
        Refused: a file or a folder is in the way.
    """
    deleted = {change.path for change in changes if change.text is None}
    for change in changes:
        path = PurePosixPath(change.path)
        if change.text is None or os.path.lexists(root / path):
            continue
        for folder in path.parents[:-1]:
            _check_folder(root, folder, deleted)
        package = path.with_suffix("")
        if path.suffix == ".py" and _modules(root, package) - deleted:
            raise Refused(
                f"The package `{package}` would hide the new module `{path}`.",
                f"Rename `{package}`, then run the command again.",
            )


def _check_folder(root: Path, folder: PurePosixPath, deleted: Collection[str]) -> None:
    if os.path.lexists(root / folder) and not (root / folder).is_dir():
        raise Refused(f"`{folder}` is not a folder.", "Move it away, then run the command again.")
    module = f"{folder}.py"
    is_new = not _modules(root, folder)
    if is_new and module not in deleted and os.path.lexists(root / module):
        raise Refused(
            f"The new package `{folder}` would hide the module `{module}`.",
            f"Rename `{module}`, then run the command again.",
        )


def _modules(root: Path, folder: PurePosixPath) -> set[str]:
    return {path.relative_to(root).as_posix() for path in (root / folder).glob("*.py")}
