"""The folder of the templates: in the installed package, or beside `src/` in a checkout."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fastgen.errors import EnvironmentFault

_PACKAGE = Path(__file__).resolve().parents[1]
_CACHE = re.compile(r"__pycache__|\..+_cache")


@cache
def templates() -> Path:
    """The folder of all templates.

    Raises:
        EnvironmentFault: the installation is not complete.
    """
    for folder in (_PACKAGE / "_templates", _PACKAGE.parents[1] / "templates"):
        if (folder / "core").is_dir():
            return folder
    raise EnvironmentFault("The templates of fastgen are missing.", "Install fastgen again.")


def template_files(folder: Path) -> Iterator[str]:
    """The paths of the templates below a folder, without what tools have left there."""
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not _CACHE.fullmatch(name)]
        for name in files:
            if not name.endswith((".pyc", ".DS_Store")):
                yield Path(parent, name).relative_to(folder).as_posix()
