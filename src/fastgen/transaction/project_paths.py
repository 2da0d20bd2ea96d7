"""The paths that an edit can write: those in the project, wherever its links lead."""

import os
from collections.abc import Sequence
from pathlib import Path

from fastgen.changes import Change
from fastgen.errors import Refused


def inside(root: Path, changes: Sequence[Change]) -> list[Change]:
    """The changes, with the links in their paths followed.

    Raises:
        Refused: a link leads out of the project, or into its repository.
    """
    return [Change(real_path(root, change.path), change.text) for change in changes]


def real_path(root: Path, path: str) -> str:
    """The path in the project that another one leads to.

    Raises:
        Refused: it leads out of the project, or into its repository.
    """
    real = Path(os.path.realpath(root / path))  # `resolve` refuses a link to itself
    try:
        found = real.relative_to(os.path.realpath(root))
    except ValueError:
        raise Refused(
            f"`{path}` leads out of the project, to `{real}`.", "Take the link away first."
        ) from None
    if any(name.lower() == ".git" for name in found.parts):
        raise Refused(f"`{path}` leads into the repository of git.", "Take the link away first.")
    return found.as_posix()
