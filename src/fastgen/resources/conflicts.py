"""What a new resource would be taken for: files, models and tables that are there already."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from fastgen.errors import Refused
from fastgen.naming import ResourceName, singular_of
from fastgen.project.operations import Operation

LAYERS = (
    "app/api/v1",
    "app/api/dependencies",
    "app/models",
    "app/repositories",
    "app/schemas",
    "app/services",
    "tests/factories",
)
MODELS = "app/models"

_CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
_TABLE = re.compile(
    r"(?:\b(?:define_)?[tT]able\((?:\s*\w+,)?\s*|__tablename__\s*=\s*)[\"'](\w+)[\"']"
)


def check_free(root: Path, operation: Operation, paths: Sequence[str]) -> None:
    """Make sure that nothing is in the way of a resource, or could be taken for it.

    Raises:
        Refused: with what is there.
    """
    for path in paths:
        if os.path.lexists(root / path):
            raise Refused(f"`{path}` is there already.", "Choose another name, or move it.")
    if "fields" in operation.options:
        name = ResourceName.of(operation.name, operation.text("singular"))
        for problem in _problems(root, name):
            raise Refused(problem, "Choose another name.")


def _problems(root: Path, name: ResourceName) -> Iterator[str]:
    own = {name.plural, name.singular}
    for folder in LAYERS:
        for stem in _stems(root / folder):
            if own & {stem, singular_of(stem)}:
                yield f"`{name.plural}` would be taken for what is in `{folder}/{stem}.py`."
    for path in sorted((root / MODELS).glob("*.py")):
        text = path.read_text("utf-8", "replace")
        where = f"`{MODELS}/{path.name}`"
        if name.model in _CLASS.findall(text):
            yield f"There is a model `{name.model}` in {where}."
        if name.plural in _TABLE.findall(text):
            yield f"There is a table `{name.plural}` in {where}."


def _stems(folder: Path) -> list[str]:
    names = sorted(os.listdir(folder)) if folder.is_dir() else []
    return [
        name.removesuffix(".py")
        for name in names
        if not name.startswith("_") and (name.endswith(".py") or (folder / name).is_dir())
    ]
