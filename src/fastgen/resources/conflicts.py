"""Conflicts of a new resource with the files, models and tables of a project."""

import re
from collections.abc import Iterator, Sequence

from fastgen.errors import Refused
from fastgen.names.plurals import singular_of
from fastgen.names.resource_names import ResourceName
from fastgen.project.operations import Operation
from fastgen.resources.project_files import ProjectFiles

LAYERS = (
    "app/api/v1",
    "app/models",
    "app/repositories",
    "app/schemas",
    "app/services",
    "tests/factories",
)
MODELS = ("app/models/*.py", "app/*/models.py")

_CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
_TABLE = re.compile(
    r"(?:\b(?:define_)?[tT]able\((?:\s*\w+,)?\s*|__tablename__\s*=\s*)[\"'](\w+)[\"']"
)


def check_free(files: ProjectFiles, operation: Operation, paths: Sequence[str]) -> None:
    """Refuse a resource whose files exist, or whose names are those of another resource.

    Raises:
        Refused: with the first conflict.
    """
    for path in paths:
        if files.has(path):
            raise Refused(f"`{path}` exists already.", "Choose another name, or move the file.")
    if "fields" in operation.options:
        name = ResourceName.of(operation.name, operation.text("singular"))
        for conflict in _conflicts(files, name):
            raise Refused(conflict, "Choose another name.")


def _conflicts(files: ProjectFiles, name: ResourceName) -> Iterator[str]:
    own = {name.plural, name.singular}
    for folder in LAYERS:
        for stem in _stems(files, folder):
            if own & {stem, singular_of(stem)}:
                yield f"`{name.plural}` conflicts with the module `{folder}/{stem}.py`."
    for path in sorted(path for pattern in MODELS for path in files.matching(pattern)):
        text, where = files.text(path), f"`{path}`"
        if name.model in _CLASS.findall(text):
            yield f"{where} has a model `{name.model}` already."
        if name.plural in _TABLE.findall(text):
            yield f"{where} has a table `{name.plural}` already."


def _stems(files: ProjectFiles, folder: str) -> list[str]:
    return [
        name.removesuffix(".py")
        for name, is_folder in files.entries(folder).items()
        if not name.startswith("_") and (name.endswith(".py") or is_folder)
    ]
