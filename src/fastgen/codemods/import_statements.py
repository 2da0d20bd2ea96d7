"""Imports in source text: what they bind, and where another one belongs."""

import ast
import sys
from collections.abc import Iterator
from typing import TypeGuard

from fastgen.codemods.edit_result import Unclear
from fastgen.codemods.python_source import Source, end_of

Import = ast.Import | ast.ImportFrom


def bindings(tree: ast.Module, package: str) -> Iterator[tuple[str, str]]:
    """Names, and what they stand for: `orders` is `app.api.v1.orders.router`.

    Args:
        tree: a module.
        package: the package that it is in, which relative imports start from.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = absolute(node, package)
            for alias in node.names:
                yield alias.asname or alias.name, f"{module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    yield alias.asname, alias.name
                else:
                    root = alias.name.partition(".")[0]
                    yield root, root


def absolute(node: ast.ImportFrom, package: str) -> str:
    """The module that a `from` import names, without leading dots."""
    if not node.level:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def meaning(node: ast.expr, bound: dict[str, str]) -> str:
    """What an expression such as `orders.router` stands for; nothing, if it is not a name."""
    match node:
        case ast.Name(id=name):
            return bound.get(name, "")
        case ast.Attribute(value=value, attr=name):
            inner = meaning(value, bound)
            return f"{inner}.{name}" if inner else ""
    return ""


def insert_import(source: Source, line: str) -> None:
    """Put `from module import name` where a sorted list of them has it.

    A further name of a module that is imported already joins the others.
    """
    module, name = line.split()[1], line.partition(" import ")[2]
    imports = [node for node in source.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in imports:
        if _can_join(node, module, name):
            _join(source, node, name)
            return
    package = module.partition(".")[0]
    own = [node for node in imports if _package(node) == package]
    before = [node for node in own if _is_before(node, line)]
    if own:
        source.insert(end_of(before[-1]) if before else own[0].lineno - 1, line)
    else:
        _insert_section(source, imports, line, is_own=package in ("app", "tests"))


def delete_import(source: Source, node: ast.ImportFrom) -> None:
    """Take a whole import away; if it is the only one of its section, the blank line above too."""
    first, last = source.alone_on_lines(node)
    package = _package(node)
    others = [
        other
        for other in source.tree.body
        if isinstance(other, ast.Import | ast.ImportFrom)
        and other is not node
        and _package(other) == package
    ]
    if not others and source.is_blank(first - 1):
        first -= 1
    source.delete(first, last)


def remove_name(source: Source, node: ast.ImportFrom, name: str) -> None:
    """Take one name of an import away, and with the last one the import."""
    rest = [alias.name for alias in node.names if alias.name != name]
    if not rest:
        delete_import(source, node)
        return
    first, last = source.alone_on_lines(node)
    if any(alias.asname for alias in node.names):
        raise Unclear(f"line {first} imports it together with others")
    if first == last:
        _rewrite(source, node, rest)
    else:
        lines = [
            number
            for number in range(first, last + 1)
            if source.line(number).strip() in (f"{name},", name)
        ]
        if len(lines) != 1:
            raise Unclear(f"line {first} imports it together with others")
        source.delete(lines[0], lines[0])


def _can_join(node: Import, module: str, name: str) -> TypeGuard[ast.ImportFrom]:
    if isinstance(node, ast.Import) or node.level or node.module != module:
        return False
    return " as " not in name and not any(alias.asname for alias in node.names)


def _join(source: Source, node: ast.ImportFrom, name: str) -> None:
    names = [alias.name for alias in node.names]
    if name in names or names == ["*"]:
        return
    first, last = source.alone_on_lines(node)
    if first == last:
        _rewrite(source, node, [*names, name])
        return
    before = [alias for alias in node.names if _order(alias.name) < _order(name)]
    line = before[-1].lineno if before else node.names[0].lineno - 1
    if before and not source.line(line).split("#")[0].rstrip().endswith(","):
        raise Unclear(f"line {first} is an import of an unusual form")
    sample = source.line(node.names[0].lineno)
    indent = sample[: len(sample) - len(sample.lstrip())]
    source.insert(line, f"{indent}{name},")


def _rewrite(source: Source, node: ast.ImportFrom, names: list[str]) -> None:
    line = source.line(node.lineno)
    head, _, tail = line.partition(" import ")
    comment = tail.partition("#")[2]
    if "(" in tail.partition("#")[0] or "\\" in tail:
        raise Unclear(f"line {node.lineno} is an import of an unusual form")
    ordered = ", ".join(sorted(names, key=_order))
    source.replace(node.lineno, f"{head} import {ordered}{f'  #{comment}' if comment else ''}")


def _insert_section(source: Source, imports: list[Import], line: str, *, is_own: bool) -> None:
    """A section of its own: that of the project below all others, another above the project's."""
    own = [node for node in imports if _package(node) in ("app", "tests")]
    if own and not is_own:
        others = [node for node in imports if end_of(node) < own[0].lineno]
        if others:
            _insert_between(source, others, line)
        else:
            source.insert(own[0].lineno - 1, f"{line}\n")
    elif imports:
        source.insert(end_of(imports[-1]), f"\n{line}")
    else:
        body = source.tree.body
        has_docstring = bool(body) and ast.get_docstring(source.tree) is not None
        after = end_of(body[0]) if has_docstring else 0
        source.insert(after, f"\n{line}" if has_docstring else f"{line}\n")


def _insert_between(source: Source, others: list[Import], line: str) -> None:
    """Among the imports of other distributions, which are sorted and come in one section."""
    before = [node for node in others if _is_before(node, line)]
    third = [node for node in others if not _is_standard(node)]
    if third:
        placed = [node for node in before if node in third]
        source.insert(end_of(placed[-1]) if placed else third[0].lineno - 1, line)
    else:
        source.insert(end_of(others[-1]), f"\n{line}")


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
