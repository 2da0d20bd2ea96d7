"""Imports in source text: adds one where sorted imports have it, or removes one."""

import ast
import re
import sys
from collections.abc import Iterable
from typing import TypeGuard

from fastgen.codemods.bindings import Import, bindings, imported_names, own_names, used_names
from fastgen.codemods.edit_result import EditRefused
from fastgen.codemods.python_source import Source
from fastgen.codemods.separated_items import Items

_HEAD = re.compile(r"(?:#!.*(?:\r\n|\r|\n))?(?:#.*coding[:=].*(?:\r\n|\r|\n))?")
OWN_PACKAGES = ("app", "tests")


def with_import(source: Source, line: str, package: str) -> Source:
    """Make sure that the module has an import such as `from module import name`.

    Raises:
        EditRefused: the name is bound to another object.
    """
    module, name = line.split()[1], line.partition(" import ")[2]
    bound = {path for own, path in bindings(source.tree, package) if own == name}
    if name in own_names(source.tree) or not bound <= {f"{module}.{name}"}:
        raise EditRefused(f"`{name}` means something else there already")
    is_there = name in imported_names(source.tree, package)
    return source if is_there else insert_import(source, line)


def insert_import(source: Source, line: str) -> Source:
    """Insert `from module import name`; the name joins others of the same module."""
    module, names = line.split()[1], line.partition(" import ")[2]
    imports = _imports(source)
    for node in imports:
        if _can_join(node, module, names):
            return _joined(source, node, names)
    package = module.partition(".")[0]
    own = [node for node in imports if _package(node) == package]
    if not own:
        return _insert_section(source, imports, line, is_own=package in OWN_PACKAGES)
    if before := [node for node in own if _is_before(node, line)]:
        return _insert_below(source, before[-1], [line])
    return source.insert_above(source.tree.body, source.start(own[0]), [line])


def without_unused(source: Source, lines: Iterable[str], were_used: Iterable[str]) -> Source:
    """Remove those of the imports whose names were used before, and are not any more."""
    for line in lines:
        module, name = line.split()[1], line.partition(" import ")[2]
        nodes = [node for node in _imports(source) if _is_from(node, module, name)]
        if nodes and name in were_used and name not in used_names(source.tree):
            source = remove_name(source, nodes[0], name)
    return source


def remove_name(source: Source, node: Import, name: str) -> Source:
    """Remove the name that an import binds, and with its last name the import."""
    if len(node.names) == 1:
        return _without(source, node)
    index = [alias.asname or alias.name for alias in node.names].index(name)
    replacements = _names(source, node).removal(index)
    del node.names[index]
    return source.edited(replacements)


def _without(source: Source, node: Import) -> Source:
    """Delete an import; with the last one of a section, a blank line beside it too."""
    package = _package(node)
    others = [other for other in _imports(source) if other is not node]
    is_followed = any(other.lineno == (node.end_lineno or 0) + 1 for other in others)
    is_alone = package not in [_package(other) for other in others] and not is_followed
    is_first = node is source.tree.body[0]
    return source.delete(
        source.tree.body, node, blank_above=is_alone, blank_below=is_alone and is_first
    )


def _is_from(node: Import, module: str, name: str) -> bool:
    names = [alias.asname or alias.name for alias in node.names]
    return isinstance(node, ast.ImportFrom) and node.module == module and name in names


def _names(source: Source, node: Import) -> Items:
    spans = [(source.start(alias), source.end(alias)) for alias in node.names]
    start, end = spans[0][0], source.end(node)
    head = source.text[source.start(node) : start]
    bracket = re.search(r"\(", re.sub(r"#[^\r\n]*", lambda found: " " * len(found[0]), head))
    if bracket is None:
        return Items(source.text, spans, start, end, wrap=False)
    return Items(source.text, spans, source.start(node) + bracket.end(), end - 1)


def _can_join(node: Import, module: str, name: str) -> TypeGuard[ast.ImportFrom]:
    if isinstance(node, ast.Import) or node.level or node.module != module:
        return False
    return " as " not in name and not any(alias.asname for alias in node.names)


def _joined(source: Source, node: ast.ImportFrom, name: str) -> Source:
    names = [alias.name for alias in node.names]
    if name in names or names == ["*"]:
        return source
    before = [number for number, other in enumerate(names, 1) if _order(other) < _order(name)]
    index = before[-1] if before else 0
    replacements = _names(source, node).insertion(index, name)
    node.names.insert(index, ast.alias(name))
    return source.edited(replacements)


def _insert_section(source: Source, imports: list[Import], line: str, *, is_own: bool) -> Source:
    """Insert an import of a further package: the project's come last, then relative ones."""
    body = source.tree.body
    later = ("",) if is_own else (*OWN_PACKAGES, "")
    if below := [node for node in imports if _package(node) in later]:
        others = [node for node in imports if source.end(node) < source.start(below[0])]
        if others and not is_own:
            return _insert_between(source, others, line)
        return source.insert_above(body, source.start(below[0]), [line, ""])
    if imports:
        return _insert_below(source, imports[-1], ["", line])
    if body and ast.get_docstring(source.tree) is not None:
        return _insert_below(source, body[0], ["", line])
    head = _HEAD.match(source.text)
    return source.insert_above(body, head.end() if head else 0, [line, ""])


def _insert_between(source: Source, others: list[Import], line: str) -> Source:
    """Insert an import among those of other distributions, which are one sorted section."""
    third = [node for node in others if not _is_standard(node)]
    if not third:
        return _insert_below(source, others[-1], ["", line])
    if placed := [node for node in third if _is_before(node, line)]:
        return _insert_below(source, placed[-1], [line])
    return source.insert_above(source.tree.body, source.start(third[0]), [line])


def _insert_below(source: Source, node: ast.stmt, lines: list[str]) -> Source:
    return source.insert_below(source.tree.body, source.end(node), lines)


def _imports(source: Source) -> list[Import]:
    return [node for node in source.tree.body if isinstance(node, Import)]


def _is_standard(node: Import) -> bool:
    return _package(node) in sys.stdlib_module_names or _package(node) == "__future__"


def _is_before(node: Import, line: str) -> bool:
    if isinstance(node, ast.Import):
        return True
    return f"from {node.module} " < line


def _package(node: Import) -> str:
    if isinstance(node, ast.Import):
        return node.names[0].name.partition(".")[0]
    return "" if node.level else (node.module or "").partition(".")[0]


def _order(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions."""
    return name[0].islower(), not name.isupper(), name
