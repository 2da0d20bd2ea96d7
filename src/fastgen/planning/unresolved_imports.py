"""Imports that a plan brings, of modules and names that the project does not have.

People move and rename what fastgen wrote. New code still imports or uses it by its former name.
"""

import ast
import builtins
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from fastgen.changes import Change, ReportedLine
from fastgen.codemods.bindings import Import, absolute, bound_names
from fastgen.planning.import_scan import FOLDERS
from fastgen.planning.project_modules import IN_EVERY_MODULE, ProjectModules

_ALWAYS_DEFINED = IN_EVERY_MODULE | {*vars(builtins)}
_IMPORT_ERRORS = {"Exception", "ImportError", "ModuleNotFoundError"}


class ImportedName(NamedTuple):
    """A module of the project, or a name of one, and the line that imports it."""

    line: int
    module: str
    name: str
    """Empty: the module itself."""


def new_unresolved_imports(root: Path, changes: Sequence[Change]) -> Iterator[ReportedLine]:
    """The imports and names that changes bring into files, and that are nowhere after them."""
    before, after = ProjectModules(root), ProjectModules(root, changes)
    for path in sorted(change.path for change in changes if change.path.endswith(".py")):
        if undefined := _undefined_names(after.tree(path)):
            known = _undefined_names(before.tree(path))
            for name in sorted(undefined.keys() - known.keys()):
                yield ReportedLine(path, undefined[name], name)
        if not (found := unresolved_imports(after, path)):
            continue
        imported = [*_imported_names(before.tree(path), path)]
        before_it = {*((each.module, "") for each in imported), *(each[1:] for each in imported)}
        for line, module, name in found:
            if (module, name) not in before_it:
                yield ReportedLine(path, line, f"{module}.{name}" if name else module)


def unresolved_imports(project: ProjectModules, path: str) -> list[ImportedName]:
    """The first import in a file of each module, and of each name, that the project lacks."""
    found: dict[tuple[str, str], ImportedName] = {}
    for line, module, name in _imported_names(project.tree(path), path):
        if not project.has_module(module):
            found.setdefault((module, ""), ImportedName(line, module, ""))
        elif name and not project.has_name(module, name):
            found.setdefault((module, name), ImportedName(line, module, name))
    return [*found.values()]


def _undefined_names(tree: ast.Module | None) -> dict[str, int]:
    """Names that a module uses and nothing in it binds, with the first line of each."""
    if tree is None or "*" in (bound := bound_names(tree) | _ALWAYS_DEFINED):
        return {}
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, lineno=line) if name not in bound:
                found[name] = min(line, found.get(name, line))
    return found


def _imported_names(tree: ast.Module | None, path: str) -> Iterator[ImportedName]:
    """What a file imports from the project."""
    package = ".".join(path.split("/")[:-1])
    for node in _imports(tree):
        if isinstance(node, ast.Import):
            found = [(alias.name, "") for alias in node.names]
        else:
            found = [(absolute(node, package), alias.name) for alias in node.names]
        for module, name in found:
            if module.partition(".")[0] in FOLDERS:
                yield ImportedName(node.lineno, module, "" if name == "*" else name)


def _imports(node: ast.AST | None) -> Iterator[Import]:
    """The imports below a node, but for those that may fail."""
    for each in ast.iter_child_nodes(node) if node else ():
        if isinstance(each, Import):
            yield each
        elif isinstance(each, ast.expr):
            continue
        elif isinstance(each, ast.Try) and any(map(_catches_it, each.handlers)):
            for part in (*each.handlers, *each.orelse, *each.finalbody):
                yield from _imports(part)
        elif not isinstance(each, ast.With) or not any(
            "suppress" in ast.unparse(item) for item in each.items
        ):
            yield from _imports(each)


def _catches_it(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(
        isinstance(node, ast.Name) and node.id in _IMPORT_ERRORS for node in ast.walk(handler.type)
    )
