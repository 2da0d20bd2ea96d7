"""Imports in source text: adds one where sorted imports have it, or removes one."""

import ast
import re
import sys
from collections.abc import Iterable
from typing import TypeGuard

from fastgen.codemods.bindings import Import, bindings, imported_names, own_names, used_names
from fastgen.codemods.edit_result import EditRefused
from fastgen.codemods.line_offsets import Replacement, line_break
from fastgen.codemods.python_source import Source, parsed
from fastgen.codemods.separated_items import Items
from fastgen.rendering.layout import lay_out

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
    """Insert an import of one name; a name from a module joins others of the same module."""
    new = next(node for node in parsed(line).body if isinstance(node, Import))
    imports = _imports(source)
    for node in imports:
        if _can_join(node, new):
            return _joined(source, node, new.names[0].name)
    section = [node for node in imports if section_of(node) == section_of(new)]
    if not section:
        return _insert_section(source, imports, new, line)
    if before := [node for node in section if order_of(node) <= order_of(new)]:
        return _insert_below(source, before[-1], [line])
    return source.insert_above(source.tree.body, source.start(section[0]), [line])


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


def _can_join(node: Import, new: Import) -> TypeGuard[ast.ImportFrom]:
    if isinstance(node, ast.Import) or isinstance(new, ast.Import):
        return False
    is_renamed = any(alias.asname for alias in (*node.names, *new.names))
    return (node.level, node.module) == (new.level, new.module) and not is_renamed


def _joined(source: Source, node: ast.ImportFrom, name: str) -> Source:
    names = [alias.name for alias in node.names]
    if name in names or names == ["*"]:
        return source
    before = [
        number
        for number, other in enumerate(names, 1)
        if order_of_name(other) < order_of_name(name)
    ]
    index = before[-1] if before else 0
    replacements = _names(source, node).insertion(index, name)
    node.names.insert(index, ast.alias(name))
    return source.edited(_wrapped(source, node) or replacements)


def _wrapped(source: Source, node: ast.ImportFrom) -> list[Replacement]:
    """The import with a line for each name, if it is on one line, and too long for it."""
    start, end = source.start(node), source.end(node)
    line = ast.unparse(node)
    laid_out = lay_out(line)
    if "(" in source.text[start:end] or "\\" in source.text[start:end] or laid_out == line:
        return []
    return [Replacement(start, end, laid_out.replace("\n", line_break(source.text, start)))]


def _insert_section(source: Source, imports: list[Import], new: Import, line: str) -> Source:
    """Insert the first import of a section, with a blank line to its neighbours."""
    body = source.tree.body
    if before := [node for node in imports if section_of(node) < section_of(new)]:
        return _insert_below(source, before[-1], ["", line])
    if imports:
        return source.insert_above(body, source.start(imports[0]), [line, ""])
    if body and ast.get_docstring(source.tree) is not None:
        return _insert_below(source, body[0], ["", line])
    head = _HEAD.match(source.text)
    return source.insert_above(body, head.end() if head else 0, [line, ""])


def _insert_below(source: Source, node: ast.stmt, lines: list[str]) -> Source:
    return source.insert_below(source.tree.body, source.end(node), lines)


def _imports(source: Source) -> list[Import]:
    return [node for node in source.tree.body if isinstance(node, Import)]


def section_of(node: Import) -> int:
    """Its place among the sections: language, standard library, others, own, relative."""
    package = _package(node)
    if package == "__future__":
        return 0
    if package in sys.stdlib_module_names:
        return 1
    return 4 if not package else 3 if package in OWN_PACKAGES else 2


def order_of(node: Import) -> tuple[bool, str]:
    """Its place in a section: by module, those with names after those without."""
    if isinstance(node, ast.Import):
        return False, node.names[0].name.lower()
    return True, (node.module or "").lower()


def _package(node: Import) -> str:
    if isinstance(node, ast.Import):
        return node.names[0].name.partition(".")[0]
    return "" if node.level else (node.module or "").partition(".")[0]


def order_of_name(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions."""
    return name[0].islower(), not name.isupper(), name
