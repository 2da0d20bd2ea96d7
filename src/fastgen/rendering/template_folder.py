"""Where the templates are: inside of the installed package, or beside `src/` in a checkout."""

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

from fastgen.errors import EnvironmentFault

_PACKAGE = Path(__file__).resolve().parents[1]


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


def foundations(patterns: Collection[str]) -> list[str]:
    """What several patterns stand on, for projects with these: `copier.yml` says which need it."""
    text = (templates() / "project" / "copier.yml").read_text("utf-8")
    block = text[text.index("needed_by:") :].partition("default: |\n")[2]
    needed = re.findall(
        r"^    (\w+): \[(.*)\]$", block.partition("\nfoundations:")[0], re.MULTILINE
    )
    return [name for name, needing in needed if {*needing.split(", ")} & {*patterns}]
