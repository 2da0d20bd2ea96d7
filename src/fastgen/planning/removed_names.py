"""What a merge removes, by the names that imports have for it: modules, names, requirements."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from fastgen.codemods.bindings import bound_names
from fastgen.merge import MergedFile
from fastgen.planning.import_scan import module_of
from fastgen.planning.project_tree import Tree
from fastgen.source_files import NOT_PARSED

REQUIREMENTS = "pyproject.toml"
MODULES = {
    "graphql-core": "graphql",
    "opentelemetry-api": "opentelemetry",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry",
    "opentelemetry-sdk": "opentelemetry",
    "pyjwt": "jwt",
    "python-multipart": "python_multipart",
    "pyyaml": "yaml",
    "strawberry-graphql": "strawberry",
}
"""The modules of distributions whose names are other ones. Several can be parts of one module."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def removed_modules(files: Iterable[MergedFile]) -> set[str]:
    """The modules whose files are deleted."""
    return {
        module_of(each.path)
        for each in files
        if each.outcome == "deleted" and each.path.endswith(".py")
    }


def removed_requirements(base: Tree, theirs: Tree, files: Iterable[MergedFile]) -> set[str]:
    """The modules of requirements that only `base` has, unless people have kept them."""
    kept = next((each.content for each in files if each.path == REQUIREMENTS), None)
    sides = (base.get(REQUIREMENTS), theirs.get(REQUIREMENTS), kept)
    before, after, present = (_required_modules(each or b"") for each in sides)
    return before - after - present


def removed_names(
    files: Iterable[MergedFile], ours: Callable[[MergedFile], bytes | None]
) -> Iterator[str]:
    """The names of modules that stay: `app.api.deps.SessionDep`.

    Args:
        files: the merged ones.
        ours: gives what a file was before.
    """
    for file in files:
        if not file.path.endswith(".py") or file.content is None:
            continue
        if (content := ours(file)) and content != file.content:  # a new file has lost no name
            before, after = _names(content), _names(file.content)
            if before and after and "*" not in after and "__getattr__" not in after:
                yield from (f"{module_of(file.path)}.{name}" for name in before - after)


def _names(content: bytes) -> set[str]:
    try:
        return bound_names(ast.parse(content))
    except NOT_PARSED:
        return set()


def _required_modules(content: bytes) -> set[str]:
    """The modules of all requirements, those of groups too; none if it is not valid."""
    try:
        document = tomllib.loads(content.decode())
        project = document.get("project", {})
        groups = {
            **project.get("optional-dependencies", {}),
            **document.get("dependency-groups", {}),
        }
        texts = chain(project.get("dependencies", ()), *groups.values())
        found = (_NAME.match(text) for text in texts if isinstance(text, str))
        names = {re.sub(r"[-_.]+", "-", name[0]).lower() for name in found if name}
        return {MODULES.get(name, name.replace("-", "_")) for name in names}
    except (ValueError, TypeError, AttributeError):
        return set()
