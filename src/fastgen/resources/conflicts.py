"""Conflicts of a new resource with the files, models, tables and types of a project."""

import re
from collections.abc import Collection, Iterator, Sequence

from fastgen.errors import Refused
from fastgen.names.plurals import singular_of
from fastgen.names.resource_names import ResourceName
from fastgen.project.operations import Operation
from fastgen.resources.manifest import Manifest
from fastgen.resources.project_files import ProjectFiles
from fastgen.resources.resource_fields import resource_fields

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


class NameConflict(Refused):
    """A resource would take a file or a name that something else has."""

    def __init__(self, message: str, resource: str, hint: str = "Choose another name.") -> None:
        super().__init__(message, hint)
        self.resource = resource


def check_free(files: ProjectFiles, operation: Operation, paths: Sequence[str]) -> None:
    """Refuse a resource whose files exist, or whose names are those of another resource.

    Raises:
        NameConflict: the first one.
    """
    for path in paths:
        if files.has(path):
            raise NameConflict(
                f"`{path}` exists already.",
                operation.name,
                "Choose another name, or move the file.",
            )
    if "fields" in operation.options:
        name = ResourceName.of(operation.name, operation.text("singular"))
        for conflict in _conflicts(files, name):
            raise NameConflict(conflict, operation.name)


def check_names(
    operation: Operation, others: Sequence[Operation], patterns: Collection[str]
) -> None:
    """Refuse a resource with a name that the manifests of extras give to another resource too.

    Raises:
        NameConflict: the first one.
    """
    own = _names(operation, patterns)
    for other in others if own else ():
        shared = own.keys() & _names(other, patterns).keys()
        if shared:
            name = min(shared)
            raise NameConflict(
                f"`{operation.name}` and `{other.name}` would both have a {own[name]} `{name}`.",
                operation.name,
            )


def _names(operation: Operation, patterns: Collection[str]) -> dict[str, str]:
    """The names that only one resource may have, and what each of them is."""
    if operation.kind != "router" or "fields" not in operation.options:
        return {}
    rows = Manifest.of(operation, patterns).names
    if not rows:
        return {}
    resource = ResourceName.of(operation.name, operation.text("singular"))
    enums = [each.title for each in resource_fields(operation, resource.model) if each.choices]
    filled = [row.filled(resource.forms()).values for row in rows]
    return {name: row["what"] for row in filled for name in (*row["names"], *enums)}


def check_own_models(files: ProjectFiles, known: Collection[str], added: ProjectFiles) -> None:
    """Refuse files with a model or a table that a file of people has.

    Args:
        files: of the project.
        known: the paths of those that fastgen made.
        added: the files that it would get.

    Raises:
        Refused: with the first conflict.
    """
    for path, text in _models(files):
        if path in known:
            continue
        for new, new_text in _models(added):
            for what, pattern in (("model", _CLASS), ("table", _TABLE)):
                shared = {*pattern.findall(text)} & {*pattern.findall(new_text)}
                if shared and path != new:
                    raise Refused(
                        f"`{path}` has a {what} `{min(shared)}`, which `{new}` would have too.",
                        f"Rename the {what} in `{path}`, or remove it.",
                    )


def _models(files: ProjectFiles) -> Iterator[tuple[str, str]]:
    for path in sorted(path for pattern in MODELS for path in files.matching(pattern)):
        yield path, files.text(path)


def _conflicts(files: ProjectFiles, name: ResourceName) -> Iterator[str]:
    own = {name.plural, name.singular}
    for folder in LAYERS:
        for stem in _stems(files, folder):
            if own & {stem, singular_of(stem)}:
                yield f"`{name.plural}` conflicts with the module `{folder}/{stem}.py`."
    for path, text in _models(files):
        where = f"`{path}`"
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
