"""The project's ordered list of its middleware: an import and an entry for each."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditResult, Unclear
from fastgen.codemods.import_statements import bindings, insert_import, meaning, remove_name
from fastgen.codemods.python_source import Source, bound_names, end_of, used_names

PACKAGE = "app.middleware"
EDGE = f"{PACKAGE}.edge.EdgeMiddleware"


@dataclass(frozen=True, slots=True)
class Entry:
    """A middleware as it is written in the list."""

    module: str
    name: str
    """The class or the function that is imported."""
    code: str
    is_step: bool
    """Whether it is a step of the one wrapper, or a class inside of it."""
    order: Sequence[str]
    """What is to come before, and after, if it is there."""
    imports: Sequence[str] = ()
    """Further imports that the code needs, as lines."""

    @property
    def import_line(self) -> str:
        return f"from {self.module} import {self.name}"


def add_middleware(source: str, entry: Entry) -> EditResult:
    """Import the middleware, and put it at its place in the list."""
    try:
        edited = _added(Source(source), entry)
    except Unclear as problem:
        return CannotEdit(str(problem), f"{entry.import_line}\n{entry.code},")
    return AlreadyThere() if edited is None else Edited(edited)


def remove_middleware(source: str, entry: Entry) -> EditResult:
    """Take the import and the entry of the middleware away."""
    try:
        edited = _removed(Source(source), entry)
    except Unclear as problem:
        return CannotEdit(str(problem), f"the import of `{entry.name}`, and where it is used")
    return AlreadyThere() if edited is None else Edited(edited)


def _added(text: Source, entry: Entry) -> str | None:
    bound = dict(bindings(text.tree, PACKAGE))
    if _mentions(text.tree, entry, bound):
        return None
    if entry.name in bound_names(text.tree):
        raise Unclear(f"`{entry.name}` means something else there already")
    entries = _list(text.tree, entry, bound)
    _insert(text, entries, entry)
    for line in (entry.import_line, *entry.imports):
        if line.rpartition(" ")[2] not in bound_names(text.tree):
            insert_import(text, line)
    edited = text.edited()
    _check(Source(edited), entry, expected=1)
    return edited


def _removed(text: Source, entry: Entry) -> str | None:
    bound = dict(bindings(text.tree, PACKAGE))
    names = [own for own, of in bound.items() if of == f"{entry.module}.{entry.name}"]
    if not names:
        return None
    found = [
        (outer, element)
        for outer in ast.walk(text.tree)
        if isinstance(outer, ast.List)
        for element in outer.elts
        if _uses(element, names[0]) and not isinstance(element, ast.List)
    ]
    innermost = [pair for pair in found if not any(_inside(other[1], pair[1]) for other in found)]
    if len(innermost) != 1 or used_names(text.tree)[names[0]] != 1:
        raise Unclear(f"`{names[0]}` is not used in one list alone")
    _take(text, *innermost[0])
    node = next(
        node
        for node in text.tree.body
        if isinstance(node, ast.ImportFrom)
        and names[0] in [alias.asname or alias.name for alias in node.names]
    )
    remove_name(text, node, entry.name)
    edited = text.edited()
    _check(Source(edited), entry, expected=0)
    return edited


def _mentions(tree: ast.Module, entry: Entry, bound: dict[str, str]) -> bool:
    wanted = f"{entry.module}.{entry.name}"
    return any(
        isinstance(node, ast.Name | ast.Attribute) and meaning(node, bound) == wanted
        for node in ast.walk(tree)
    )


def _list(tree: ast.Module, entry: Entry, bound: dict[str, str]) -> ast.List:
    """The list that the entry belongs to: the one with most of those that it is ordered among."""
    known = {name for name in entry.order if name != entry.name}
    scored = [
        (sum(bool(_names(element) & known) for element in node.elts), -node.lineno, node)
        for node in ast.walk(tree)
        if isinstance(node, ast.List)
        and not any(_is_inner(element, entry, bound) for element in node.elts)
    ]
    scored = [found for found in scored if found[0]]
    if not scored:
        raise Unclear("there is no list of middleware")
    best = max(scored, key=lambda found: found[:2])
    if sum(1 for found in scored if found[0] == best[0]) > 1:
        raise Unclear("there are several lists of middleware")
    return best[2]


def _is_inner(element: ast.expr, entry: Entry, bound: dict[str, str]) -> bool:
    """Whether the element holds the wrapper, whose list of steps is another one."""
    found = (meaning(node, bound) for node in ast.walk(element) if isinstance(node, ast.expr))
    return entry.is_step and EDGE in found


def _insert(text: Source, entries: ast.List, entry: Entry) -> None:
    position = entry.order.index(entry.name) if entry.name in entry.order else len(entry.order)
    earlier, later = set(entry.order[:position]), set(entry.order[position + 1 :])
    before = [element for element in entries.elts if _names(element) & earlier]
    after = [element for element in entries.elts if _names(element) & later]
    if entry.name not in entry.order or (not before and not after):
        before = entries.elts[-1:]
    previous = before[-1] if before else None
    if previous is None:
        first = after[0]
        _check_own_lines(text, entries, first)
        text.insert(first.lineno - 1, f"{_indent(text, first)}{entry.code},")
        return
    _check_own_lines(text, entries, previous)
    line, end = end_of(previous), previous.end_col_offset or 0
    rest = text.lines[line - 1].encode()[end:].decode()
    if not rest.lstrip().startswith(","):
        kept = text.lines[line - 1].encode()[:end].decode()
        text.replace(line, f"{kept},{rest.rstrip(chr(13) + chr(10))}")
    text.insert(line, f"{_indent(text, previous)}{entry.code},")


def _check_own_lines(text: Source, entries: ast.List, element: ast.expr) -> None:
    """Raises Unclear if the element shares its lines with others, or with the list."""
    others = [other for other in entries.elts if other is not element]
    taken = {number for other in others for number in (other.lineno, end_of(other))}
    opened = entries.lineno == element.lineno or entries.end_lineno == end_of(element)
    if opened or element.lineno in taken or end_of(element) in taken:
        raise Unclear(f"the list in line {entries.lineno} has no line for each entry")
    if text.lines[element.lineno - 1].encode()[: element.col_offset].strip():
        raise Unclear(f"line {element.lineno} holds more than an entry")


def _take(text: Source, entries: ast.List, element: ast.expr) -> None:
    _check_own_lines(text, entries, element)
    text.delete(element.lineno, end_of(element))


def _indent(text: Source, element: ast.expr) -> str:
    return text.lines[element.lineno - 1].encode()[: element.col_offset].decode()


def _names(node: ast.expr) -> set[str]:
    """The names that an element mentions, but for those of lists within."""
    found, waiting = set[str](), [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Name):
            found.add(each.id)
        inner = ast.iter_child_nodes(each)
        waiting += [one for one in inner if isinstance(one, ast.expr) and not _holds_many(one)]
    return found


def _holds_many(node: ast.expr) -> bool:
    return isinstance(node, ast.List) and len(node.elts) > 1


def _uses(node: ast.expr, name: str) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


def _inside(node: ast.AST, outer: ast.AST) -> bool:
    return node is not outer and any(inner is node for inner in ast.walk(outer))


def _check(edited: Source, entry: Entry, expected: int) -> None:
    """Raises Unclear if the entry is not there as often as it should be."""
    if used_names(edited.tree)[entry.name] != expected:
        raise Unclear("there is no telling where a line would end up")
