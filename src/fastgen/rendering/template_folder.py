"""The folder of the templates: in the installed package, or beside `src/` in a checkout.

An archived version has its templates in memory, at paths of that folder. So everything that reads
templates does it by the functions here.
"""

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from fastgen.errors import EnvironmentFault

_PACKAGE = Path(__file__).resolve().parents[1]
_places = [_PACKAGE / "_templates", _PACKAGE.parents[1] / "templates"]
_CACHE = re.compile(r"__pycache__|\..+_cache")
_in_memory: dict[str, bytes] = {}
"""By their whole paths."""


def use_templates(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Take a folder as if it had these files and no others; before anything is read from it.

    Args:
        folder: with the templates of another version.
        contents: the files, by their paths below the folder.
    """
    _places[:] = [folder]
    _in_memory.update({(folder / path).as_posix(): each for path, each in contents.items()})


@cache
def templates() -> Path:
    """The folder of all templates.

    Raises:
        EnvironmentFault: the installation is not complete.
    """
    for folder in _places:
        if (folder / "core").is_dir():
            return folder
    raise EnvironmentFault("The templates of fastgen are missing.", "Install fastgen again.")


def is_template(path: Path) -> bool:
    """Whether there is a file at a path."""
    return path.as_posix() in _in_memory if _in_memory else path.is_file()


def read_template(path: Path) -> bytes:
    """The content of a template."""
    return _in_memory[path.as_posix()] if _in_memory else path.read_bytes()


def read_text(path: Path) -> str:
    """The text of a template, with the line ends of Unix."""
    return read_template(path).decode("utf-8").replace("\r\n", "\n")


def entries(folder: Path) -> list[Path]:
    """The files and folders in a folder of templates, in order."""
    if _in_memory:
        names = {path.partition("/")[0] for path in _below(folder)}
    else:
        names = {*os.listdir(folder)}
    return [folder / name for name in sorted(names)]


def template_files(folder: Path) -> Iterator[str]:
    """The paths of the templates below a folder, without what tools have left there."""
    if _in_memory:
        yield from _below(folder)
        return
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not _CACHE.fullmatch(name)]
        for name in files:
            if not name.endswith((".pyc", ".DS_Store")):
                yield Path(parent, name).relative_to(folder).as_posix()


def _below(folder: Path) -> Iterator[str]:
    start = f"{folder.as_posix()}/"
    return (path.removeprefix(start) for path in _in_memory if path.startswith(start))
