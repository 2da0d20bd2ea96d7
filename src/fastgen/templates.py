"""Where the templates are: inside of the installed package, or beside `src/` in a checkout."""

from functools import cache
from pathlib import Path

from fastgen.errors import EnvironmentFault

_PACKAGE = Path(__file__).resolve().parent


@cache
def templates() -> Path:
    """The folder with `project/` and `slice/`.

    Raises:
        EnvironmentFault: the installation is not complete.
    """
    for folder in (_PACKAGE / "_templates", _PACKAGE.parents[1] / "templates"):
        if (folder / "project" / "copier.yml").is_file():
            return folder
    raise EnvironmentFault("The templates of fastgen are missing.", "Install fastgen again.")
