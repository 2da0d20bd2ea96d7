"""Imports that people still use, and that a merge of text would remove with fastgen's own uses."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from symtable import symtable

from fastgen.changes import ReportedLine
from fastgen.codemods.bindings import Import, absolute, own_names
from fastgen.codemods.edit_result import EditRefused
from fastgen.codemods.import_statements import insert_import
from fastgen.codemods.python_source import Source
from fastgen.merge import MergedFile


@dataclass(frozen=True, slots=True)
class _Imported:
    line: str
    """The statement: `from fastapi import Depends`."""
    used: str
    """The expression that needs it: `Depends`; `os.path` of `import os.path`."""
    name: str
    """The object: `fastapi.Depends`."""
    modules: frozenset[str]


def with_used_imports(
    file: MergedFile, ours: bytes, removed: Collection[str]
) -> tuple[MergedFile, list[ReportedLine]]:
    """A merged module with the imports of both sides that it uses and does not have.

    Args:
        file: the merged one.
        ours: what people made of the file before.
        removed: modules and names that the same change removes. They are not imported again; the
            lines that use them are returned.
    """
    if file.outcome != "merged" or file.content is None or not file.path.endswith(".py"):
        return file, []
    broken: list[ReportedLine] = []
    theirs = file.theirs or b""
    try:
        sides = [Source(content.decode("utf-8", "surrogateescape")) for content in (ours, theirs)]
        after = Source(file.content.decode("utf-8", "surrogateescape"))
        package = ".".join(file.path.split("/")[:-1])
        for each in (one for side in sides for one in _imports(side.tree, package)):
            if not (line := _line_of_use(after, each)):
                continue
            if gone := next((name for name in (*each.modules, each.name) if name in removed), ""):
                broken.append(ReportedLine(file.path, line, gone))
            else:
                after = insert_import(after, each.line)
    except EditRefused:  # such as a conflict, which people resolve
        return file, []
    return replace(file, content=after.full_text.encode("utf-8", "surrogateescape")), broken


def _imports(tree: ast.Module, package: str) -> Iterator[_Imported]:
    for node in tree.body:
        if not isinstance(node, Import):
            continue
        for alias in node.names:
            used = alias.asname or alias.name
            line = ast.unparse(_alone(node, alias))
            if isinstance(node, ast.ImportFrom):
                module = absolute(node, package)
                name, modules = f"{module}.{alias.name}", {module}
            else:
                name, modules = alias.name, {alias.name.partition(".")[0]}
            yield _Imported(line, used, name, frozenset(modules))


def _alone(node: Import, alias: ast.alias) -> Import:
    if isinstance(node, ast.ImportFrom):
        return ast.ImportFrom(node.module, [alias], node.level)
    return ast.Import([alias])


def _line_of_use(module: Source, imported: _Imported) -> int:
    """The line of the first use, if nothing binds the name there; else 0."""
    root = imported.used.partition(".")[0]
    is_part = root != imported.used
    if root not in (own_names(module.tree) if is_part else ()) and (
        not _has_import(module.tree, imported.used) if is_part else root in _unbound(module.text)
    ):
        lines = (
            node.lineno
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) == imported.used
        )
        return min(lines, default=0)
    return 0


def _has_import(tree: ast.Module, module: str) -> bool:
    """Whether the module is imported by its full name, or one of its parts is."""
    return any(
        f"{alias.name}.".startswith(f"{module}.") and not alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    )


@lru_cache(maxsize=1)  # asked for each import of a module
def _unbound(text: str) -> frozenset[str]:
    """The names that a module, or a function in it, reads as globals, and that it lacks."""
    top = symtable(text, "module", "exec")
    tables = [top]
    for table in tables:
        tables += table.get_children()
    symbols = [(each, table is top) for table in tables for each in table.get_symbols()]
    bound = {
        each.get_name()
        for each, is_top in symbols
        if (is_top or each.is_declared_global())
        and (each.is_assigned() or each.is_imported() or each.is_namespace())
    }
    read = {
        each.get_name()
        for each, is_top in symbols
        if each.is_referenced() and (is_top or each.is_global())
    }
    return frozenset(read - bound)
